import type { Tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import type { Transfer } from '../camera/transfer-curves.js';
import type { Way } from './trajectory.js';

/** Adds the convolved pixels [left, right) of row y of a plane to `sums`, which begins at left. */
export type RowConvolver = (
  plane: number,
  y: number,
  left: number,
  right: number,
  sums: Float64Array,
) => void;

/**
 * Convolves planes with a sparse kernel, row by row.
 * @param planes with a border of at least the kernel's reach.
 */
export function rowConvolver(planes: Planes, kernel: Kernel): RowConvolver {
  const { data, border, stride, area } = planes;
  const { weights } = kernel;
  const taps = weights.length;
  const offsets = kernel.x.map((x, tap) => -(kernel.y[tap]! * stride + x));
  return (plane, y, left, right, sums) => {
    const origin = plane * area + (y + border) * stride + border + left;
    const count = right - left;
    let tap = 0;
    // Four taps at a time save three of four loads and stores of the sums.
    for (; tap + 4 <= taps; tap += 4) {
      const a = origin + offsets[tap]!;
      const b = origin + offsets[tap + 1]!;
      const c = origin + offsets[tap + 2]!;
      const d = origin + offsets[tap + 3]!;
      const wa = weights[tap]!;
      const wb = weights[tap + 1]!;
      const wc = weights[tap + 2]!;
      const wd = weights[tap + 3]!;
      for (let at = 0; at < count; at++)
        sums[at] =
          sums[at]! +
          wa * data[a + at]! +
          wb * data[b + at]! +
          wc * data[c + at]! +
          wd * data[d + at]!;
    }
    for (; tap < taps; tap++) {
      const from = origin + offsets[tap]!;
      const weight = weights[tap]!;
      for (let at = 0; at < count; at++) sums[at]! += weight * data[from + at]!;
    }
  };
}

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

/** Planes with a border around them, so that what moves in finds something there. */
export interface Planes {
  readonly data: Float32Array;
  readonly count: number;
  /** Size without the border. */
  readonly height: number;
  readonly width: number;
  readonly border: number;
  /** Elements from one row to the next, and from one plane to the next. */
  readonly stride: number;
  readonly area: number;
}

/** Empty planes. */
export function emptyPlanes(count: number, height: number, width: number, border: number): Planes {
  const stride = width + 2 * border;
  const area = stride * (height + 2 * border);
  const data = new Float32Array(count * area);
  return { data, count, height, width, border, stride, area };
}

/** The light of an image [C, H, W], mirrored at its edges with the edge pixel repeated. */
export function lightPlanes(image: Tensor, border: number, transfer: Transfer): Planes {
  const [count = 0, height = 0, width = 0] = image.shape;
  const planes = emptyPlanes(count, height, width, border);
  const { data, stride, area } = planes;
  for (let plane = 0; plane < count; plane++) {
    for (let y = 0; y < height; y++) {
      const row = plane * area + (y + border) * stride;
      const from = (plane * height + y) * width;
      transfer.decode(image.data, from, width, data, row + border);
      for (let x = 1; x <= border; x++) {
        data[row + border - x] = data[row + border + mirrored(-x, width)]!;
        data[row + border + width - 1 + x] = data[row + border + mirrored(width - 1 + x, width)]!;
      }
    }
    const rowAt = (y: number) => plane * area + (y + border) * stride;
    for (let y = 1; y <= border; y++) {
      const above = rowAt(mirrored(-y, height));
      data.copyWithin(rowAt(-y), above, above + stride);
      const below = rowAt(mirrored(height - 1 + y, height));
      data.copyWithin(rowAt(height - 1 + y), below, below + stride);
    }
  }
  return planes;
}

/** The pixel in [0, length) that shows in a row of mirrors at `position`. */
export function mirrored(position: number, length: number): number {
  const period = 2 * length;
  const folded = ((position % period) + period) % period;
  return folded < length ? folded : period - 1 - folded;
}

/**
 * Writes to target[0 ... right - left) what row y of a plane shows at [left, right) after a shift
 * by (shiftX, shiftY) pixels, sampled bilinearly.
 */
export function movedRow(
  { data, border, stride, area }: Planes,
  plane: number,
  y: number,
  left: number,
  right: number,
  shiftX: number,
  shiftY: number,
  target: Float64Array,
): void {
  const column = Math.floor(left - shiftX);
  const row = Math.floor(y - shiftY);
  const across = left - shiftX - column;
  const below = y - shiftY - row;
  const a = (1 - across) * (1 - below);
  const b = across * (1 - below);
  const c = (1 - across) * below;
  const d = across * below;
  const upper = plane * area + (row + border) * stride + column + border;
  const lower = upper + stride;
  const count = right - left;
  for (let at = 0; at < count; at++)
    target[at] =
      a * data[upper + at]! +
      b * data[upper + at + 1]! +
      c * data[lower + at]! +
      d * data[lower + at + 1]!;
}
