import { type Tensor, tensor } from '../../tensor/tensor.js';

/** A grid of windows over a picture whose sides are multiples of `window`. */
export interface WindowGrid {
  readonly height: number;
  readonly width: number;
  readonly window: number;
  /** The picture is moved up and left by this, cyclically, before it is cut. */
  readonly shift: number;
}

/**
 * For every token in window order (windows by row, tokens by row inside), its place in raster
 * order.
 */
export function windowOrder({ height, width, window, shift }: WindowGrid): number[] {
  const order: number[] = [];
  for (let top = 0; top < height; top += window)
    for (let left = 0; left < width; left += window)
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

const APART = -100;

/**
 * What is added to the attention between two tokens, [windows, 1, window^2, window^2]: 0, or -100
 * where the cyclic shift brought together pixels from opposite borders.
 */
export function shiftMask({ height, width, window, shift }: WindowGrid): Tensor {
  const tokens = window ** 2;
  const [down, across] = [height / window, width / window];
  const mask = new Float32Array(down * across * tokens ** 2);
  const region = (place: number, extent: number): number =>
    place < extent - window ? 0 : place < extent - shift ? 1 : 2;
  let position = 0;
  for (let index = 0; index < down * across; index += 1) {
    const top = Math.floor(index / across) * window;
    const left = (index % across) * window;
    const regions = Array.from({ length: tokens }, (_, token) => {
      const row = region(top + Math.floor(token / window), height);
      return 3 * row + region(left + (token % window), width);
    });
    for (const query of regions)
      for (const key of regions) {
        mask[position] = query === key ? 0 : APART;
        position += 1;
      }
  }
  return tensor([down * across, 1, tokens, tokens], mask);
}
