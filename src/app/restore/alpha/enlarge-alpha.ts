import { resizeBicubic } from '../../../degradation/bicubic-resize.js';
import { type Tensor, tensor } from '../../../tensor/tensor.js';
import { type AlphaSpreads, spreadsOf } from './alpha-spreads.js';
import { Corners } from './corners.js';

/** Rows on either side that an enlarged row depends on. */
export const ALPHA_REACH = 8;

/** Shares of a pixel's range nearer to its ends than this count as the ends. */
const NEGLIGIBLE = 0.02;
const HALVINGS = 10;

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
  const spreads = spreadsOf(alpha);
  const field = resizeBicubic(alpha, { scale });
  const corners = new Corners(height, width, scale);
  const { levels, known } = levelsOf(alpha, field, scale, spreads, corners);
  const { low, high, hard, isFlat } = spreads;
  const result = tensor(field.shape);
  for (let y = 0; y < height * scale; y += 1)
    for (let x = 0; x < width * scale; x += 1) {
      const pixel = Math.floor(y / scale) * width + Math.floor(x / scale);
      const place = y * width * scale + x;
      if (isFlat[pixel] === 1) {
        result.data[place] = alpha.data[pixel]!;
        continue;
      }
      corners.moveTo(y, x);
      const [least, most, weight] = [corners.mean(low), corners.mean(high), corners.mean(hard)];
      const value = field.data[place]!;
      const soft = clamped(value, least, most);
      const level = weight === 0 ? 0.5 : corners.mean(levels, known);
      const sharp = weight === 0 ? soft : drawn(value, least, most, level, scale);
      result.data[place] = clamped(soft + weight * (sharp - soft), 0, 1);
    }
  return result;
}

/** The level of the contour in each stored pixel that leaves it covered as it was. */
function levelsOf(
  { shape, data }: Tensor,
  field: Tensor,
  scale: number,
  { low, high, hard }: AlphaSpreads,
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
    for (let halving = 0; halving < HALVINGS; halving += 1) {
      const middle = (from + to) / 2;
      let sum = 0;
      for (let inside = 0; inside < size; inside += 1)
        sum += drawn(values[inside]!, least[inside]!, most[inside]!, middle, scale);
      if (sum > data[pixel]! * size) from = middle;
      else to = middle;
    }
    levels[pixel] = (from + to) / 2;
    known[pixel] = 1;
  }
  return { levels, known };
}

/** A value between two others that is led to one of them within a pixel of the enlarged grid. */
function drawn(value: number, low: number, high: number, level: number, steepness: number): number {
  const range = high - low;
  if (range <= 0) return low;
  return low + range * clamped(0.5 + ((value - low) / range - level) * steepness, 0, 1);
}

function clamped(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
