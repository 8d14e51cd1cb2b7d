import { resizeBicubic } from '../degradation/bicubic-resize.js';
import { type Tensor, tensor } from '../tensor/tensor.js';

/** Rows on either side that an enlarged row depends on. */
export const ALPHA_REACH = 8;

/** Shares of a pixel's range nearer to its ends than this count as the ends. */
const NEGLIGIBLE = 0.02;
const BISECTIONS = 10;

/**
 * Enlarges alpha. Bicubic interpolation says where contours run; where the stored values rise as
 * steeply as those of a hard edge do, the contour is drawn as sharply as the enlarged grid can, at
 * such a level that each stored pixel stays covered by as much as it was. Soft alpha stays soft.
 * Nothing leaves the range of the stored values around it, so that there are no halos.
 * @param alpha [1, h, w] in [0, 1].
 * @returns [1, scale h, scale w].
 */
export function enlargeAlpha(alpha: Tensor, scale: number): Tensor {
  if (scale === 1) return alpha;
  const [, height, width] = alpha.shape as [number, number, number];
  const ranges = localRanges(alpha);
  const field = resizeBicubic(alpha, { scale });
  const corners = new Corners(height, width, scale);
  const { levels, known } = levelsOf(alpha, field, scale, ranges, corners);
  const { low, high, hard, isFlat } = ranges;
  const result = tensor(field.shape);
  for (let y = 0; y < height * scale; y += 1)
    for (let x = 0; x < width * scale; x += 1) {
      const pixel = Math.floor(y / scale) * width + Math.floor(x / scale);
      const index = y * width * scale + x;
      if (isFlat[pixel] === 1) {
        result.data[index] = alpha.data[pixel]!;
        continue;
      }
      corners.moveTo(y, x);
      const [least, most, weight] = [corners.mean(low), corners.mean(high), corners.mean(hard)];
      const value = field.data[index]!;
      const soft = clamp(value, least, most);
      const level = weight === 0 ? 0.5 : corners.mean(levels, known);
      const sharp = weight === 0 ? soft : sharpened(value, least, most, level, scale);
      result.data[index] = clamp(soft + weight * (sharp - soft), 0, 1);
    }
  return result;
}

/** The level of the contour in each stored pixel that leaves it covered as it was. */
function levelsOf(
  { shape, data }: Tensor,
  field: Tensor,
  scale: number,
  { low, high, hard }: AlphaRanges,
  corners: Corners,
): { readonly levels: Float32Array; readonly known: Uint8Array } {
  const width = shape[2]!;
  const levels = new Float32Array(data.length);
  const known = new Uint8Array(data.length);
  const size = scale * scale;
  const [values, least, most] = [0, 0, 0].map(() => new Float64Array(size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let pixel = 0; pixel < data.length; pixel += 1) {
    if (hard[pixel] === 0) continue;
    const share = (data[pixel]! - low[pixel]!) / (high[pixel]! - low[pixel]!);
    if (!(share > NEGLIGIBLE && share < 1 - NEGLIGIBLE)) continue;
    for (let inside = 0; inside < size; inside += 1) {
      const y = Math.floor(pixel / width) * scale + Math.floor(inside / scale);
      const x = (pixel % width) * scale + (inside % scale);
      corners.moveTo(y, x);
      values[inside] = field.data[y * width * scale + x]!;
      least[inside] = corners.mean(low);
      most[inside] = corners.mean(high);
    }
    let [from, to] = [-0.5, 1.5];
    for (let step = 0; step < BISECTIONS; step += 1) {
      const middle = (from + to) / 2;
      let sum = 0;
      for (let inside = 0; inside < size; inside += 1)
        sum += sharpened(values[inside]!, least[inside]!, most[inside]!, middle, scale);
      if (sum > data[pixel]! * size) from = middle;
      else to = middle;
    }
    levels[pixel] = (from + to) / 2;
    known[pixel] = 1;
  }
  return { levels, known };
}

/** A value between two others that is led to one of them within a pixel of the enlarged grid. */
function sharpened(
  value: number,
  low: number,
  high: number,
  level: number,
  steepness: number,
): number {
  const range = high - low;
  if (range <= 0) return low;
  return low + range * clamp(0.5 + ((value - low) / range - level) * steepness, 0, 1);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** Range and hardness of alpha around each stored pixel. */
export interface AlphaRanges {
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

function localRanges({ shape, data }: Tensor): AlphaRanges {
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
  for (let index = 0; index < data.length; index += 1) {
    const at = Math.floor(index / step) % count;
    const last = Math.min(count - 1 - at, reach);
    for (let other = -Math.min(at, reach); other <= last; other += 1)
      result[index] = pick(result[index]!, data[index + other * step]!);
  }
  return result;
}

/** Where an enlarged pixel lies between the centres of stored ones. */
class Corners {
  readonly #width: number;
  readonly #rows: readonly Between[];
  readonly #columns: readonly Between[];
  readonly #indices = [0, 0, 0, 0];
  readonly #shares = [0, 0, 0, 0];

  /** @param scale enlarged pixels for a stored one along each side. */
  constructor(height: number, width: number, scale: number) {
    this.#width = width;
    this.#rows = Array.from({ length: height * scale }, (_, y) => between(y, scale, height));
    this.#columns = Array.from({ length: width * scale }, (_, x) => between(x, scale, width));
  }

  /** Goes to an enlarged pixel. */
  moveTo(y: number, x: number): void {
    const { first: top, second: bottom, share: down } = this.#rows[y]!;
    const { first: left, second: right, share: over } = this.#columns[x]!;
    const [above, below] = [top * this.#width, bottom * this.#width];
    this.#indices[0] = above + left;
    this.#indices[1] = above + right;
    this.#indices[2] = below + left;
    this.#indices[3] = below + right;
    this.#shares[0] = (1 - down) * (1 - over);
    this.#shares[1] = (1 - down) * over;
    this.#shares[2] = down * (1 - over);
    this.#shares[3] = down * over;
  }

  /**
   * The bilinear value here, of those corners alone that count; 0.5 where none does.
   * @param counts 1 for stored pixels that count; default: all do.
   */
  mean(values: Float32Array, counts?: Uint8Array): number {
    let sum = 0;
    let total = 0;
    for (let corner = 0; corner < 4; corner += 1) {
      const index = this.#indices[corner]!;
      const share = this.#shares[corner]! * (counts === undefined ? 1 : counts[index]!);
      sum += share * values[index]!;
      total += share;
    }
    return total === 0 ? 0.5 : sum / total;
  }
}

interface Between {
  readonly first: number;
  readonly second: number;
  readonly share: number;
}

/** The stored pixels on either side of the centre of an enlarged one. */
function between(index: number, scale: number, count: number): Between {
  const centre = (index + 0.5) / scale - 0.5;
  const first = Math.floor(centre);
  const last = count - 1;
  return {
    first: Math.min(last, Math.max(0, first)),
    second: Math.min(last, Math.max(0, first + 1)),
    share: centre - first,
  };
}
