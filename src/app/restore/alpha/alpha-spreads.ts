import type { Tensor } from '../../../tensor/tensor.js';

/** What alpha does around each stored pixel. */
export interface AlphaSpreads {
  /** The least and the largest value among the neighbours. */
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** From 0, soft, to 1: all of the change nearby happens from one neighbour to the other. */
  readonly hard: Float32Array;
  /** 1 where nothing changes within three pixels. */
  readonly isFlat: Uint8Array;
}

/** Shares of the change within three pixels that neighbours make up in soft and in hard alpha. */
const SOFT = 0.7;
const HARD = 0.95;

export function spreadsOf({ shape, data }: Tensor): AlphaSpreads {
  const [, height, width] = shape as [number, number, number];
  const extreme = (
    reach: number,
    pick: (a: number, b: number) => number,
    values = data,
  ): Float32Array =>
    along(
      along(values, { count: width, step: 1, reach }, pick),
      { count: height, step: width, reach },
      pick,
    );
  const [low, high] = [extreme(1, Math.min), extreme(1, Math.max)];
  const [least, most] = [extreme(3, Math.min), extreme(3, Math.max)];
  const own = Float32Array.from(data, (_, pixel) => {
    const change = most[pixel]! - least[pixel]!;
    return change === 0 ? 0 : smoothStep((high[pixel]! - low[pixel]!) / change);
  });
  // An edge reaches into pixels whose neighbours show one side of it alone.
  const hard = extreme(1, Math.max, own);
  const isFlat = Uint8Array.from(data, (_, pixel) => Number(least[pixel] === most[pixel]));
  return { low, high, hard, isFlat };
}

function smoothStep(share: number): number {
  const t = Math.min(1, Math.max(0, (share - SOFT) / (HARD - SOFT)));
  return t * t * (3 - 2 * t);
}

/** The extreme among the neighbours in a row or in a column. */
function along(
  data: Float32Array,
  { count, step, reach }: { readonly count: number; readonly step: number; readonly reach: number },
  pick: (a: number, b: number) => number,
): Float32Array {
  const result = data.slice();
  for (let place = 0; place < data.length; place += 1) {
    const at = Math.floor(place / step) % count;
    const last = Math.min(count - 1 - at, reach);
    for (let other = -Math.min(at, reach); other <= last; other += 1)
      result[place] = pick(result[place]!, data[place + other * step]!);
  }
  return result;
}
