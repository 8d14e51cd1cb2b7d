import { type Tensor, tensor } from '../../tensor/tensor.js';

/** A grid of windows over a picture whose sides are multiples of `window`. */
export interface WindowGrid {
  readonly height: number;
  readonly width: number;
  readonly window: number;
  /** The picture is moved up and left by this, cyclically, before it is cut. */
  readonly shift: number;
}

/** Top and left of a window on the moved picture. */
export type Corner = readonly [top: number, left: number];

/**
 * The windows of a grid: `whole` ones see neighbours only, `torn` ones also see pixels that the
 * shift brought over from the opposite border.
 */
export function windowCorners(grid: WindowGrid): { whole: Corner[]; torn: Corner[] } {
  const { height, width, window, shift } = grid;
  const whole: Corner[] = [];
  const torn: Corner[] = [];
  for (let top = 0; top < height; top += window)
    for (let left = 0; left < width; left += window) {
      const last = top + window === height || left + window === width;
      (shift > 0 && last ? torn : whole).push([top, left]);
    }
  return { whole, torn };
}

/** For every token of the windows, row by row inside each, its place in raster order. */
export function windowOrder(grid: WindowGrid, corners: readonly Corner[]): number[] {
  const { height, width, window, shift } = grid;
  const order: number[] = [];
  for (const [top, left] of corners)
    for (let row = top; row < top + window; row += 1)
      for (let column = left; column < left + window; column += 1)
        order.push(((row + shift) % height) * width + ((column + shift) % width));
  return order;
}

/** The permutation that undoes `order`. */
export function inverse(order: readonly number[]): number[] {
  const undone = new Array<number>(order.length);
  order.forEach((from, to) => {
    undone[from] = to;
  });
  return undone;
}

/** Entries of the tables of relative positions of all blocks, which are part of the graph. */
const MOST_POSITIONS = 2 ** 23;

/** Whether blocks with windows of a side have tables of relative positions of modest size. */
export function positionsFit(blocks: number, window: number): boolean {
  return blocks * window ** 4 <= MOST_POSITIONS;
}

/**
 * Row of the bias table, of (2 window - 1)^2 rows, for every pair of tokens of a window: one row
 * per offset in height and width.
 */
export function relativePositions(window: number): number[] {
  const span = 2 * window - 1;
  const tokens = Array.from({ length: window ** 2 }, (_, token) => token);
  return tokens.flatMap((query) =>
    tokens.map((key) => {
      const rows = Math.floor(query / window) - Math.floor(key / window);
      const columns = (query % window) - (key % window);
      return (rows + window - 1) * span + columns + window - 1;
    }),
  );
}

/**
 * The reference has -100, which leaves other tokens e^-100 of the attention: nothing in float32, but
 * a subnormal number, on which processors are ten times slower than on zero.
 */
const APART = -1000;

/**
 * What is added to the attention between two tokens, [windows, 1, window^2, window^2]: 0, or a
 * large negative number where the shift brought together pixels from opposite borders.
 */
export function shiftMask(grid: WindowGrid, corners: readonly Corner[]): Tensor {
  const { height, width, window, shift } = grid;
  const tokens = window ** 2;
  const mask = new Float32Array(corners.length * tokens ** 2);
  const wrapped = (place: number, extent: number): number => (place < extent - shift ? 0 : 1);
  let position = 0;
  for (const [top, left] of corners) {
    const regions = Array.from({ length: tokens }, (_, token) => {
      const row = wrapped(top + Math.floor(token / window), height);
      return 2 * row + wrapped(left + (token % window), width);
    });
    for (const query of regions)
      for (const key of regions) {
        mask[position] = query === key ? 0 : APART;
        position += 1;
      }
  }
  return tensor([corners.length, 1, tokens, tokens], mask);
}
