import { type AffineMatrix, sampleAffine } from '../degradation/warp-affine.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { transformSquare } from './fft.js';
import type { FloatPlane } from './planes.js';

/**
 * An affine displacement: of the place (x, y), [d0 + d1 X + d2 Y, d3 + d4 X + d5 Y] pixels, with X
 * and Y counted from the centre in units of half the longer side.
 */
type Displacement = readonly number[];

const noDisplacement: Displacement = [0, 0, 0, 0, 0, 0];
const smallestLevel = 64;
const largestLevel = 1024;
const mostSteps = 30;
/** Relative drop of the squared error below which a step is the last. */
const leastDrop = 1e-7;

/**
 * The affine map from positions of `reference` to positions of `test` under which the two planes agree
 * best up to a gain and an offset: phase correlation finds the whole pixels, Gauss-Newton steps on
 * a pyramid the rest. Where nothing is better than leaving the image where it is, the identity.
 */
export function registration(reference: FloatPlane, test: FloatPlane): AffineMatrix {
  const levels = [[reference, test] as const];
  while (Math.min(...sides(levels[0]![0])) >= 2 * smallestLevel)
    levels.unshift([cellMeans(levels[0]![0], 2), cellMeans(levels[0]![1], 2)]);
  const [coarseReference, coarseTest] = levels[0]!;
  const [x, y] = phaseCorrelation(coarseReference, coarseTest);
  let found = better(coarseReference, coarseTest, noDisplacement, [x, 0, 0, y, 0, 0]);
  for (const [index, [first, second]] of levels.entries()) {
    if (index > 0) found = found.map((value) => 2 * value);
    if (index === 0 || Math.max(...sides(first)) <= largestLevel)
      found = refined(first, second, found);
  }
  return matrixOf(better(reference, test, noDisplacement, found), reference);
}

function sides({ height, width }: FloatPlane): readonly [number, number] {
  return [height, width];
}

function better(
  reference: FloatPlane,
  test: FloatPlane,
  first: Displacement,
  second: Displacement,
) {
  const [a, b] = [first, second].map((each) => judged(reference, test, each, false).error);
  return b! < a! ? second : first;
}

function refined(reference: FloatPlane, test: FloatPlane, start: Displacement): Displacement {
  let best = start;
  let { error, step } = judged(reference, test, start, true);
  for (let count = 0; count < mostSteps && step !== undefined && error > 0; count++) {
    const change = step;
    const next = best.map((value, index) => value + change[index]!);
    const judgement = judged(reference, test, next, true);
    if (!(judgement.error < error * (1 - leastDrop))) break;
    best = next;
    ({ error, step } = judgement);
  }
  return best;
}

/** The mean squared error under a displacement, after the best gain and offset, and where to go. */
function judged(
  reference: FloatPlane,
  test: FloatPlane,
  displacement: Displacement,
  wantsStep: boolean,
): { error: number; step: Float64Array | undefined } {
  const { height, width } = reference;
  const matrix = matrixOf(displacement, reference);
  const [a, b, c, d, e, f] = matrix as [number, number, number, number, number, number];
  const source = tensor([1, test.height, test.width], test.data);
  const moved = sampleAffine(source, matrix, height, width).data;
  const unit = Math.max(height, width) / 2;
  const movement = new LeastSquares(8);
  const row8 = new Float64Array(8);
  const { data: targets } = reference;
  let [targetSum, targetSquares, valueSum, squares, products, count] = [0, 0, 0, 0, 0, 0];
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const atX = a * x + b * y + c;
      const atY = d * x + e * y + f;
      if (!(atX >= 1 && atY >= 1 && atX <= test.width - 2 && atY <= test.height - 2)) continue;
      const index = y * width + x;
      const target = targets[index]!;
      const value = moved[index]!;
      targetSum += target;
      targetSquares += target * target;
      valueSum += value;
      squares += value * value;
      products += value * target;
      count++;
      if (!wantsStep) continue;
      const acrossX = (moved[index + 1]! - moved[index - 1]!) / 2;
      const acrossY = (moved[index + width]! - moved[index - width]!) / 2;
      const [fromX, fromY] = [(x - (width - 1) / 2) / unit, (y - (height - 1) / 2) / unit];
      row8[0] = -acrossX;
      row8[1] = -acrossX * fromX;
      row8[2] = -acrossX * fromY;
      row8[3] = -acrossY;
      row8[4] = -acrossY * fromX;
      row8[5] = -acrossY * fromY;
      row8[6] = target;
      row8[7] = 1;
      movement.add(row8, value);
    }
  // A quarter of the image must be seen, or ever less of it would fit ever better.
  if (count < (height * width) / 4) return { error: Number.POSITIVE_INFINITY, step: undefined };
  const brightness = new LeastSquares(2);
  brightness.addSums([targetSquares, targetSum, count], [products, valueSum]);
  const fit = brightness.solve();
  if (fit === undefined) return { error: Number.POSITIVE_INFINITY, step: undefined };
  const explained = fit[0]! * products + fit[1]! * valueSum;
  const error = Math.max(0, squares - explained) / count;
  return { error, step: wantsStep ? movement.solve() : undefined };
}

function matrixOf(displacement: Displacement, { height, width }: FloatPlane): AffineMatrix {
  const unit = Math.max(height, width) / 2;
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  return [0, 3].flatMap((first) => {
    const [constant, alongX, alongY] = displacement.slice(first, first + 3) as [
      number,
      number,
      number,
    ];
    const [a, b] = [alongX / unit, alongY / unit];
    const c = constant - a * centreX - b * centreY;
    return first === 0 ? [1 + a, b, c] : [a, 1 + b, c];
  });
}

const largestSide = 256;

/**
 * By how many whole pixels [x, y] the second plane shows the same things further right and down:
 * the peak of the inverse transform of the normalised cross-power spectrum (Kuglin and Hines 1975)
 * of the central parts, windowed, with sides that are powers of two up to 256.
 */
export function phaseCorrelation(first: FloatPlane, second: FloatPlane): readonly [number, number] {
  const shortest = Math.min(first.height, first.width, largestSide);
  const size = 2 ** Math.floor(Math.log2(shortest));
  const a = transformed(windowed(first, size), new Float64Array(size * size), size);
  const b = transformed(windowed(second, size), new Float64Array(size * size), size);
  const real = new Float64Array(size * size);
  const imaginary = new Float64Array(size * size);
  for (let index = 0; index < real.length; index++) {
    const re = a.real[index]! * b.real[index]! + a.imaginary[index]! * b.imaginary[index]!;
    const im = a.real[index]! * b.imaginary[index]! - a.imaginary[index]! * b.real[index]!;
    const length = Math.hypot(re, im) + Number.EPSILON;
    real[index] = re / length;
    // The forward transform of the conjugate is the inverse transform's conjugate, up to a factor.
    imaginary[index] = -im / length;
  }
  const surface = transformed(real, imaginary, size).real;
  const peak = surface.reduce((best, value, index) => (value > surface[best]! ? index : best), 0);
  const signed = (position: number): number => (position > size / 2 ? position - size : position);
  return [signed(peak % size), signed(Math.floor(peak / size))];
}

function windowed({ height, width, data }: FloatPlane, size: number): Float64Array {
  const [top, left] = [Math.floor((height - size) / 2), Math.floor((width - size) / 2)];
  const hann = (index: number) => Math.sin((Math.PI * (index + 0.5)) / size) ** 2;
  const value = (index: number) =>
    data[(top + Math.floor(index / size)) * width + left + (index % size)]!;
  const block = Float64Array.from({ length: size * size }, (_, index) => value(index));
  const mean = block.reduce((sum, entry) => sum + entry, 0) / block.length;
  return block.map(
    (entry, index) => (entry - mean) * hann(Math.floor(index / size)) * hann(index % size),
  );
}

function transformed(real: Float64Array, imaginary: Float64Array, size: number) {
  transformSquare(real, imaginary, size);
  return { real, imaginary };
}

/** Normal equations of a least-squares problem, collected row by row. */
export class LeastSquares {
  readonly #size: number;
  /** Row by row; only the part on and above the diagonal is filled. */
  readonly #matrix: Float64Array;
  readonly #right: Float64Array;

  constructor(unknowns: number) {
    this.#size = unknowns;
    this.#matrix = new Float64Array(unknowns * unknowns);
    this.#right = new Float64Array(unknowns);
  }

  /** Adds the equation coefficients . x = value. */
  add(coefficients: Float64Array, value: number): void {
    const size = this.#size;
    const matrix = this.#matrix;
    const right = this.#right;
    for (let row = 0; row < size; row++) {
      const coefficient = coefficients[row]!;
      for (let column = row; column < size; column++)
        matrix[row * size + column]! += coefficient * coefficients[column]!;
      right[row]! += coefficient * value;
    }
  }

  /**
   * Adds sums over equations: of the products of two unknowns' coefficients, row by row on and above
   * the diagonal, and of each one's coefficient times the value.
   */
  addSums(products: readonly number[], right: readonly number[]): void {
    let position = 0;
    for (let row = 0; row < this.#size; row++) {
      for (let column = row; column < this.#size; column++)
        this.#matrix[row * this.#size + column]! += products[position++]!;
      this.#right[row]! += right[row]!;
    }
  }

  /** The solution by elimination with pivots; undefined where the equations leave it open. */
  solve(): Float64Array | undefined {
    const entry = (row: number, column: number): number =>
      this.#matrix[Math.min(row, column) * this.#size + Math.max(row, column)]!;
    const rows = Array.from(this.#right, (value, row) => [
      ...Array.from(this.#right, (_, column) => entry(row, column)),
      value,
    ]);
    const scale = Math.max(...rows.map((line, row) => Math.abs(line[row]!)));
    for (let column = 0; column < this.#size; column++) {
      let pivot = column;
      for (let row = column + 1; row < this.#size; row++)
        if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
      [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
      const head = rows[column]![column]!;
      if (!(Math.abs(head) > 1e-12 * scale)) return undefined;
      for (let row = 0; row < this.#size; row++) {
        if (row === column) continue;
        const factor = rows[row]![column]! / head;
        for (let position = column; position <= this.#size; position++)
          rows[row]![position]! -= factor * rows[column]![position]!;
      }
    }
    return Float64Array.from(rows, (line, row) => line[this.#size]! / line[row]!);
  }
}

/** The mean of the channels of an image [C, H, W]. */
export function meanOfChannels({ shape, data }: Tensor): FloatPlane {
  const [channels, height, width] = shape as [number, number, number];
  const pixels = height * width;
  const result = new Float32Array(pixels);
  for (let channel = 0; channel < channels; channel++)
    for (let index = 0; index < pixels; index++)
      result[index]! += data[channel * pixels + index]! / channels;
  return { height, width, data: result };
}

/** Means over cells of side x side pixels; pixels that do not fill a cell are ignored. */
export function cellMeans(plane: FloatPlane, side: number): FloatPlane {
  const [height, width] = [Math.floor(plane.height / side), Math.floor(plane.width / side)];
  const data = new Float32Array(height * width);
  for (let row = 0; row < height * side; row++)
    for (let column = 0; column < width * side; column++)
      data[Math.floor(row / side) * width + Math.floor(column / side)]! +=
        plane.data[row * plane.width + column]! / side ** 2;
  return { height, width, data };
}
