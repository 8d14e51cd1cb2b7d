import { ParameterError } from '../../tensor/errors.js';
import type { Way } from './exposure.js';

/** What a bright point becomes: weights at whole offsets to the right and downwards, summing to 1. */
export interface Kernel {
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly weights: Float64Array;
}

/**
 * The kernel of points of light off the grid, each shared bilinearly between the four pixels around
 * it, which keeps the sum and the centre of mass. The weights are divided by their sum.
 * @throws ParameterError where the weights do not add up to something positive.
 */
export function kernelOf({ x, y }: Way, weights: Float64Array): Kernel {
  const left = Math.floor(Math.min(...x));
  const top = Math.floor(Math.min(...y));
  const width = Math.floor(Math.max(...x)) - left + 2;
  const height = Math.floor(Math.max(...y)) - top + 2;
  const grid = new Float64Array(width * height);
  for (let at = 0; at < weights.length; at++) {
    const column = Math.floor(x[at]!);
    const row = Math.floor(y[at]!);
    const across = x[at]! - column;
    const below = y[at]! - row;
    const to = (row - top) * width + column - left;
    const upper = weights[at]! * (1 - below);
    const lower = weights[at]! * below;
    grid[to]! += upper * (1 - across);
    grid[to + 1]! += upper * across;
    grid[to + width]! += lower * (1 - across);
    grid[to + width + 1]! += lower * across;
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (!(sum > 0 && Number.isFinite(sum)))
    throw new ParameterError('kernel', 'weights whose sum is positive', sum);
  const xs: number[] = [];
  const ys: number[] = [];
  const shares: number[] = [];
  for (let row = 0, at = 0; row < height; row++)
    for (let column = 0; column < width; column++, at++) {
      if (grid[at] === 0) continue;
      xs.push(left + column);
      ys.push(top + row);
      shares.push(grid[at]! / sum);
    }
  return { x: Int32Array.from(xs), y: Int32Array.from(ys), weights: Float64Array.from(shares) };
}

/** The largest offset of a kernel along either axis. */
export function reachOf({ x, y }: Kernel): number {
  let reach = 0;
  for (let tap = 0; tap < x.length; tap++)
    reach = Math.max(reach, Math.abs(x[tap]!), Math.abs(y[tap]!));
  return reach;
}
