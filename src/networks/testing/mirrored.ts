import { at, filled } from '../../graph/testing/tensors.js';
import type { Tensor } from '../../tensor/tensor.js';

/** [N, C, H, W] mirrored downwards and to the right to multiples of a size, borders not doubled. */
export function mirroredToMultiple(picture: Tensor, multiple: number): Tensor {
  const [batch, channels, height, width] = picture.shape as [number, number, number, number];
  const [rows, columns] = [height, width].map((extent) => multiple * Math.ceil(extent / multiple));
  return filled([batch, channels, rows!, columns!], (n, c, row, column) =>
    at(picture, n!, c!, mirror(row!, height), mirror(column!, width)),
  );
}

function mirror(place: number, extent: number): number {
  return extent === 1 ? 0 : Math.abs(((place + extent - 1) % (2 * extent - 2)) - (extent - 1));
}
