import { type Value, add, concat, constant, div, mul, reshape, scalar, slice, sub } from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import type { Windows } from './windows.js';

/** Slopes of a picture [N, 1, H, W] and what follows from them alone. */
export interface Slopes {
  readonly across: Value;
  readonly down: Value;
  /** How the picture changes with a turn about its middle. */
  readonly turn: Value;
  readonly products: readonly Value[];
}

export function slopesOf(across: Value, down: Value): Slopes {
  const [height, width] = across.shape.slice(2) as [number, number];
  const turn = sub(mul(down, middles(width, width, 1)), mul(across, rows(height, height, 1)));
  const pairs = [
    [across, across],
    [across, down],
    [down, down],
    [across, turn],
    [down, turn],
    [turn, turn],
  ] as const;
  return { across, down, turn, products: pairs.map(([a, b]) => mul(a, b)) };
}

/**
 * How far every pixel has to move so that an error vanishes: the shift, at the middle of the window
 * around it, of the shift and turn that fit the window's pixels best.
 * @param error [N, K, H, W], what the reference shows more.
 * @param inside weights of the pixels, [N, K, H, W].
 * @param ridge added to the mean squared slopes.
 * @returns [N K, 2, H, W].
 */
export function rigidStep(
  slopes: Slopes,
  error: Value,
  inside: Value,
  { windows, ridge }: { readonly windows: Windows; readonly ridge: number },
): Value {
  const [batch, count, height, width] = error.shape as [number, number, number, number];
  const causes = [slopes.across, slopes.down, slopes.turn].map((slope) => mul(slope, error));
  const weighted = [...slopes.products, ...causes].map((term) =>
    reshape(mul(term, inside), [batch * count, 1, height, width]),
  );
  const means = windows.means(concat(weighted, 1));
  const part = (index: number): Value => slice(means, 1, index, index + 1);
  const [xx, xy, yy, x, y] = [part(0), part(1), part(2), part(6), part(7)];
  const x0 = middles(means.shape[3]!, width, windows.cell);
  const y0 = rows(means.shape[2]!, height, windows.cell);
  // From turns about the picture's middle to turns about the window's.
  const shifted = (turn: Value, down: Value, across: Value): Value =>
    add(sub(turn, mul(x0, down)), mul(y0, across));
  const xr = shifted(part(3), xy, xx);
  const yr = shifted(part(4), yy, xy);
  const turned = shifted(part(5), part(4), part(3));
  const rr = add(shifted(turned, yr, xr), scalar(ridge * windows.deviation ** 2));
  const r = shifted(part(8), y, x);
  const without = (value: Value, one: Value, other: Value): Value =>
    sub(value, div(mul(one, other), rr));
  const a = add(without(xx, xr, xr), scalar(ridge));
  const b = without(xy, xr, yr);
  const c = add(without(yy, yr, yr), scalar(ridge));
  const [right, below] = [without(x, xr, r), without(y, yr, r)];
  const determinant = sub(mul(a, c), mul(b, b));
  const step = [sub(mul(c, right), mul(b, below)), sub(mul(a, below), mul(b, right))];
  return windows.spread(div(concat(step, 1), determinant), height, width);
}

/** Columns of the middles of `count` cells, from the middle of a picture of `extent` pixels. */
function middles(count: number, extent: number, cell: number): Value {
  return constant(tensor([1, 1, 1, count], places(count, extent, cell)));
}

/** As `middles`, the rows. */
function rows(count: number, extent: number, cell: number): Value {
  return constant(tensor([1, 1, count, 1], places(count, extent, cell)));
}

function places(count: number, extent: number, cell: number): Float32Array {
  const middle = (extent - 1) / 2;
  return Float32Array.from({ length: count }, (_, index) => cell * index + (cell - 1) / 2 - middle);
}
