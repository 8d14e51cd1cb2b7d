import { at, filled } from '../../graph/testing/tensors.js';
import { uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';

/** An image [1, height, width] of even rectangles on each other, in [0, 1]. */
export function rectangles(height: number, width: number, seed: number): Tensor {
  const image = tensor([1, height, width]);
  image.data.fill(0.5);
  for (let count = 0; count < 40; count++) {
    const draw = (place: number): number => uniformAt(seed, count, place);
    const [top, left] = [Math.floor(draw(0) * height), Math.floor(draw(1) * width)];
    const [rows, columns] = [4 + draw(2) * 0.4 * height, 4 + draw(3) * 0.4 * width];
    for (let i = top; i < Math.min(height, top + rows); i++)
      image.data.fill(
        0.1 + 0.8 * draw(4),
        i * width + left,
        i * width + Math.min(width, Math.floor(left + columns)),
      );
  }
  return image;
}

/** An image [1, H, W] convolved with a kernel [1, s, s]; the border goes on outside. */
export function blurredBy(image: Tensor, kernel: Tensor): Tensor {
  const [, height, width] = image.shape as [number, number, number];
  const size = kernel.shape[1]!;
  const middle = (size - 1) / 2;
  const inside = (place: number, extent: number): number =>
    Math.min(Math.max(place, 0), extent - 1);
  return filled(image.shape, (_, row, column) => {
    let sum = 0;
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        const light = at(kernel, 0, i, j);
        if (light === 0) continue;
        sum +=
          light *
          at(image, 0, inside(row! - (i - middle), height), inside(column! - (j - middle), width));
      }
    return sum;
  });
}
