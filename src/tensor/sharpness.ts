import type { Tensor } from './tensor.js';

/** Planes of a packed RGGB frame: red, green on red's rows, green on blue's rows, blue. */
const greens = [1, 2];

/**
 * Variance of the Laplacian over the green planes of a packed RGGB frame [4, H, W]: the more fine
 * detail, the larger. Noise raises it too, in all frames of a burst alike. Beyond the border lies
 * the border. It grows with the square of the exposure.
 */
export function sharpness({ shape, data }: Tensor): number {
  const [, height, width] = shape as [number, number, number];
  let sum = 0;
  let squares = 0;
  for (const plane of greens)
    for (let row = 0; row < height; row += 1) {
      const start = plane * height * width;
      const above = start + Math.max(row - 1, 0) * width;
      const here = start + row * width;
      const below = start + Math.min(row + 1, height - 1) * width;
      for (let column = 0; column < width; column += 1) {
        const before = data[here + Math.max(column - 1, 0)]!;
        const after = data[here + Math.min(column + 1, width - 1)]!;
        const vertical = data[above + column]! + data[below + column]!;
        const laplacian = vertical + before + after - 4 * data[here + column]!;
        sum += laplacian;
        squares += laplacian ** 2;
      }
    }
  const count = greens.length * height * width;
  return squares / count - (sum / count) ** 2;
}
