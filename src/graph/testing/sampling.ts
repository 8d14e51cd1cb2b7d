import type { Tensor } from '../../tensor/tensor.js';
import { at } from './tensors.js';

/**
 * A picture [N, C, H, W] read at a real row and column: the four pixels around it, weighted by
 * nearness; beyond the border zeros, or the nearest pixel of the border.
 */
export function readBilinearly(
  x: Tensor,
  [n, c]: readonly [number, number],
  row: number,
  column: number,
  beyond: 'zeros' | 'border',
): number {
  const [height, width] = x.shape.slice(2) as [number, number];
  const limited = (place: number, extent: number): number =>
    beyond === 'border' ? Math.min(Math.max(place, 0), extent - 1) : place;
  const [y, z] = [limited(row, height), limited(column, width)];
  let sum = 0;
  for (const i of [Math.floor(y), Math.floor(y) + 1])
    for (const j of [Math.floor(z), Math.floor(z) + 1])
      sum += (1 - Math.abs(y - i)) * (1 - Math.abs(z - j)) * at(x, n, c, i, j);
  return sum;
}
