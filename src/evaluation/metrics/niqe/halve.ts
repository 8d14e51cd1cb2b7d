import { contributions } from '../../../degradation/bicubic-resize.js';

/**
 * A plane of even sides at half its size, by antialiased bicubic interpolation as MATLAB's
 * `imresize(plane, 0.5)` in double precision: rows of pixels first.
 */
export function halve(plane: Float64Array, height: number, width: number): Float64Array {
  const down = contributions(height, height / 2, 0.5);
  const across = contributions(width, width / 2, 0.5);
  const rows = new Float64Array((height / 2) * width);
  for (let row = 0; row < height / 2; row++)
    for (let tap = row * down.taps; tap < (row + 1) * down.taps; tap++) {
      const from = down.indices[tap]! * width;
      const weight = down.weights[tap]!;
      for (let column = 0; column < width; column++)
        rows[row * width + column]! += weight * plane[from + column]!;
    }
  const result = new Float64Array((height / 2) * (width / 2));
  for (let row = 0; row < height / 2; row++)
    for (let column = 0; column < width / 2; column++) {
      let sum = 0;
      for (let tap = column * across.taps; tap < (column + 1) * across.taps; tap++)
        sum += across.weights[tap]! * rows[row * width + across.indices[tap]!]!;
      result[row * (width / 2) + column] = sum;
    }
  return result;
}
