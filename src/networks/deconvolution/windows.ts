import { type Value, add, concat, constant, mul, pad, slice } from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';

/** Windows overlap by at least this part of their side. */
const OVERLAP = 1 / 4;

/** Where windows of one size lie that cover a picture and overlap. */
export interface WindowLayout {
  readonly height: number;
  readonly width: number;
  readonly tops: readonly number[];
  readonly lefts: readonly number[];
}

/** Windows of at most side x side pixels over height x width, at even distances. */
export function layOutWindows(height: number, width: number, side: number): WindowLayout {
  const own = { height: Math.min(height, side), width: Math.min(width, side) };
  return { ...own, tops: begins(height, own.height), lefts: begins(width, own.width) };
}

function begins(extent: number, window: number): number[] {
  const count = 1 + Math.ceil((extent - window) / (window * (1 - OVERLAP)));
  return Array.from({ length: count }, (_, at) =>
    count === 1 ? 0 : Math.round((at * (extent - window)) / (count - 1)),
  );
}

/** The windows of pictures [N, C, H, W] one after the other, [windows N, C, h, w]. */
export function cutWindows(x: Value, { height, width, tops, lefts }: WindowLayout): Value {
  const cut = tops.flatMap((top) => {
    const rows = slice(x, 2, top, top + height);
    return lefts.map((left) => slice(rows, 3, left, left + width));
  });
  return cut.length === 1 ? cut[0]! : concat(cut, 0);
}

/** Pictures of height x width made of their windows, which fade into each other where they overlap. */
export function joinWindows(
  windows: Value,
  layout: WindowLayout,
  height: number,
  width: number,
): Value {
  const { tops, lefts } = layout;
  const count = tops.length * lefts.length;
  if (count === 1) return windows;
  const batch = windows.shape[0]! / count;
  const down = shares(tops, layout.height, height);
  const across = shares(lefts, layout.width, width);
  const bands = tops.map((top, row) => {
    const parts = lefts.map((left, column) => {
      const first = (row * lefts.length + column) * batch;
      const share = constant(
        tensor(
          [1, 1, layout.height, layout.width],
          down[row]!.flatMap((one) => across[column]!.map((other) => one * other)),
        ),
      );
      const weighed = mul(slice(windows, 0, first, first + batch), share);
      return pad(weighed, [
        [0, 0],
        [0, 0],
        [0, 0],
        [left, width - left - layout.width],
      ]);
    });
    return pad(
      parts.reduce((sum, part) => add(sum, part)),
      [
        [0, 0],
        [0, 0],
        [top, height - top - layout.height],
        [0, 0],
      ],
    );
  });
  return bands.reduce((sum, band) => add(sum, band));
}

/** Of each window its part of every place, which add up to 1: most in its middle. */
function shares(begins: readonly number[], window: number, extent: number): number[][] {
  const weights = Array.from({ length: window }, (_, at) => Math.min(at + 1, window - at));
  const sums = new Array<number>(extent).fill(0);
  for (const begin of begins)
    for (const [at, weight] of weights.entries()) sums[begin + at]! += weight;
  return begins.map((begin) => weights.map((weight, at) => weight / sums[begin + at]!));
}
