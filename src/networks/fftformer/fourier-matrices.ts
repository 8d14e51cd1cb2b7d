/**
 * The two-dimensional Fourier transform of real patches of size x size as matrices, in double
 * precision and row by row. A patch is a row vector of its size^2 pixels in raster order. Its
 * spectrum holds the frequencies (u, v), u < size, v <= size / 2: first the real parts of all, v
 * running fastest, then the imaginary parts.
 */
export interface FourierMatrices {
  /** Length of a spectrum: 2 size (size / 2 + 1). */
  readonly numbers: number;
  /** [size^2, numbers]: X(u, v) = sum of x(i, j) exp(-2 pi i (u i + v j) / size). */
  readonly forward: Float64Array;
  /**
   * [numbers, size^2]: the real patch of a spectrum whose other half is its mirror image. What is
   * not symmetric in the frequencies v = 0 and v = size / 2 is dropped, as usual libraries do.
   */
  readonly inverse: Float64Array;
}

/** @param size even number of rows and columns of a patch. */
export function fourierMatrices(size: number): FourierMatrices {
  const pixels = size ** 2;
  const half = size / 2 + 1;
  const frequencies = size * half;
  const numbers = 2 * frequencies;
  const forward = new Float64Array(pixels * numbers);
  const inverse = new Float64Array(numbers * pixels);
  for (let pixel = 0; pixel < pixels; pixel += 1)
    for (let frequency = 0; frequency < frequencies; frequency += 1) {
      const [u, v] = [Math.floor(frequency / half), frequency % half];
      const turns = u * Math.floor(pixel / size) + v * (pixel % size);
      const angle = (2 * Math.PI * (turns % size)) / size;
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      const imaginary = frequencies + frequency;
      forward[pixel * numbers + frequency] = cosine;
      forward[pixel * numbers + imaginary] = -sine;
      const share = (v === 0 || v === half - 1 ? 1 : 2) / pixels;
      inverse[frequency * pixels + pixel] = share * cosine;
      inverse[imaginary * pixels + pixel] = -share * sine;
    }
  return { numbers, forward, inverse };
}
