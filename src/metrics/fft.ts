/** Transforms complex sequences of one length in place: X_k = sum_n x_n exp(-2 pi i k n / N). */
export class Fft {
  readonly #length: number;
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;
  readonly #reversed: Uint32Array;

  /** @param length a power of two. */
  constructor(length: number) {
    this.#length = length;
    const half = length / 2;
    const angle = (index: number) => (2 * Math.PI * index) / length;
    this.#cosines = Float64Array.from({ length: half }, (_, index) => Math.cos(angle(index)));
    this.#sines = Float64Array.from({ length: half }, (_, index) => Math.sin(angle(index)));
    const bits = Math.log2(length);
    this.#reversed = Uint32Array.from({ length }, (_, index) => {
      let result = 0;
      for (let bit = 0; bit < bits; bit++) result |= ((index >> bit) & 1) << (bits - 1 - bit);
      return result;
    });
  }

  transform(real: Float64Array, imaginary: Float64Array): void {
    this.#reorder(real);
    this.#reorder(imaginary);
    for (let half = 1; half < this.#length; half *= 2) {
      const stride = this.#length / (2 * half);
      for (let start = 0; start < this.#length; start += 2 * half)
        for (let offset = 0; offset < half; offset++) {
          const cosine = this.#cosines[offset * stride]!;
          const sine = this.#sines[offset * stride]!;
          const upper = start + offset;
          const lower = upper + half;
          const re = real[lower]! * cosine + imaginary[lower]! * sine;
          const im = imaginary[lower]! * cosine - real[lower]! * sine;
          real[lower] = real[upper]! - re;
          imaginary[lower] = imaginary[upper]! - im;
          real[upper]! += re;
          imaginary[upper]! += im;
        }
    }
  }

  #reorder(values: Float64Array): void {
    for (let index = 0; index < this.#length; index++) {
      const other = this.#reversed[index]!;
      if (other <= index) continue;
      const kept = values[index]!;
      values[index] = values[other]!;
      values[other] = kept;
    }
  }
}

/** The two-dimensional transform of a square of `size` x `size`, a power of two, in place. */
export function transformSquare(real: Float64Array, imaginary: Float64Array, size: number): void {
  const fft = new Fft(size);
  for (let row = 0; row < size; row++)
    fft.transform(
      real.subarray(row * size, (row + 1) * size),
      imaginary.subarray(row * size, (row + 1) * size),
    );
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let column = 0; column < size; column++) {
    for (let row = 0; row < size; row++) {
      re[row] = real[row * size + column]!;
      im[row] = imaginary[row * size + column]!;
    }
    fft.transform(re, im);
    for (let row = 0; row < size; row++) {
      real[row * size + column] = re[row]!;
      imaginary[row * size + column] = im[row]!;
    }
  }
}

/**
 * Adds |DFT|^2 of one or two real square blocks of `size` x `size`, a power of two, to `power`, row
 * by row. As real and imaginary part of one transform Z they take the work of one:
 * |A_k|^2 + |B_k|^2 = (|Z_k|^2 + |Z_-k|^2) / 2. The blocks are overwritten.
 */
export function addPowerSpectra(
  first: Float64Array,
  second: Float64Array | undefined,
  size: number,
  power: Float64Array,
): void {
  const imaginary = second ?? new Float64Array(size * size);
  transformSquare(first, imaginary, size);
  for (let row = 0; row < size; row++) {
    const opposite = ((size - row) % size) * size;
    for (let column = 0; column < size; column++) {
      const [here, there] = [row * size + column, opposite + ((size - column) % size)];
      const own = first[here]! ** 2 + imaginary[here]! ** 2;
      power[here]! += (own + first[there]! ** 2 + imaginary[there]! ** 2) / 2;
    }
  }
}
