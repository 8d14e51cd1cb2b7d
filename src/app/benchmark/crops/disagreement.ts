import type { Tensor } from '../../../tensor/tensor.js';
import type { Rectangle } from '../../../tensor/window.js';

/**
 * How much pictures differ at each pixel: the variance over the pictures, summed over colours.
 * @param pictures at least two, [3, H, W]; of larger ones the top left counts.
 * @returns H x W values by row, for the least height and width.
 */
export function disagreement(pictures: readonly Tensor[]): {
  readonly height: number;
  readonly width: number;
  readonly data: Float64Array;
} {
  const height = Math.min(...pictures.map(({ shape }) => shape[1]!));
  const width = Math.min(...pictures.map(({ shape }) => shape[2]!));
  const data = new Float64Array(height * width);
  for (let channel = 0; channel < 3; channel += 1)
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        let [sum, squares] = [0, 0];
        for (const { shape, data: values } of pictures) {
          const value = values[(channel * shape[1]! + y) * shape[2]! + x]!;
          sum += value;
          squares += value * value;
        }
        const mean = sum / pictures.length;
        data[y * width + x]! += Math.max(0, squares / pictures.length - mean * mean);
      }
  return { height, width, data };
}

/** The square, as large as `size` or as the picture allows, in which values sum up to most. */
export function greatestSquare(
  {
    height,
    width,
    data,
  }: { readonly height: number; readonly width: number; readonly data: Float64Array },
  size: number,
): Rectangle & { readonly mean: number } {
  const side = Math.min(size, height, width);
  const sums = summed(height, width, data);
  const row = width + 1;
  let best = { top: 0, left: 0, sum: Number.NEGATIVE_INFINITY };
  for (let top = 0; top + side <= height; top += 1)
    for (let left = 0; left + side <= width; left += 1) {
      const [upper, lower] = [top * row + left, (top + side) * row + left];
      const sum = sums[lower + side]! - sums[lower]! - sums[upper + side]! + sums[upper]!;
      if (sum > best.sum) best = { top, left, sum };
    }
  const { top, left, sum } = best;
  return { top, left, width: side, height: side, mean: sum / side ** 2 };
}

/** Sums over everything above and left of a corner, [height + 1, width + 1] by row. */
function summed(height: number, width: number, data: Float64Array): Float64Array {
  const row = width + 1;
  const sums = new Float64Array((height + 1) * row);
  for (let y = 0; y < height; y += 1) {
    let line = 0;
    for (let x = 0; x < width; x += 1) {
      line += data[y * width + x]!;
      sums[(y + 1) * row + x + 1] = sums[y * row + x + 1]! + line;
    }
  }
  return sums;
}
