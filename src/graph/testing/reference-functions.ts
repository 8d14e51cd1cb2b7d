import type { Tensor } from '../../tensor/tensor.js';
import { at } from './tensors.js';

/** erf(x) by its power series, which is exact to 1e-12 up to |x| = 4; beyond, +-1. */
export function errorFunction(x: number): number {
  if (Math.abs(x) > 4) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 120; n += 1) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/**
 * An image [N, C, H, W] read at a real row and column: the four pixels around it, weighted by
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
