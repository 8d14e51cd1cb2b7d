import type { RowConvolver } from './convolve.js';
import type { Way } from './exposure.js';
import { movedRow } from './moved-row.js';
import type { Planes } from './planes.js';

/** A region in motion, and the pixels of a tile that it may touch; right and bottom exclusive. */
export interface Layer {
  readonly cover: Planes;
  readonly way: Way;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** How much of a pixel it covers on average. */
  readonly covered: RowConvolver;
  /** The picture where it covers all. */
  readonly alone: RowConvolver;
}

/** Writes the pixels [left, right) of row y of all planes to a picture without border. */
export type RowComposer = (
  layers: readonly Layer[],
  y: number,
  left: number,
  right: number,
  result: Float32Array,
) => void;

/** Puts layers in front of the background at every instant, and sums the instants. */
export function rowComposer(
  picture: Planes,
  background: Planes,
  camera: Way,
  weights: Float64Array,
): RowComposer {
  const { count, height, width } = background;
  const sums = Array.from({ length: count }, () => new Float64Array(width));
  const rows = sums.map(() => new Float64Array(width));
  const cover = new Float64Array(width);
  const shown = new Float64Array(width);
  return (layers, y, left, right, result) => {
    const length = right - left;
    for (const sum of sums) sum.fill(0, 0, length);
    for (let at = 0; at < weights.length; at++) {
      for (let plane = 0; plane < count; plane++)
        movedRow(background, plane, y, left, right, camera.x[at]!, camera.y[at]!, rows[plane]!);
      for (const { cover: mask, way } of layers) {
        const x = way.x[at]!;
        const down = way.y[at]!;
        movedRow(mask, 0, y, left, right, x, down, cover);
        if (isClear(cover, length)) continue;
        for (let plane = 0; plane < count; plane++) {
          movedRow(picture, plane, y, left, right, x, down, shown);
          const row = rows[plane]!;
          for (let i = 0; i < length; i++) row[i] = row[i]! + cover[i]! * (shown[i]! - row[i]!);
        }
      }
      const weight = weights[at]!;
      for (let plane = 0; plane < count; plane++) {
        const row = rows[plane]!;
        const sum = sums[plane]!;
        for (let i = 0; i < length; i++) sum[i]! += weight * row[i]!;
      }
    }
    for (let plane = 0; plane < count; plane++) {
      const to = (plane * height + y) * width + left;
      const sum = sums[plane]!;
      for (let i = 0; i < length; i++) result[to + i] = sum[i]!;
    }
  };
}

function isClear(cover: Float64Array, length: number): boolean {
  for (let at = 0; at < length; at++) if (cover[at] !== 0) return false;
  return true;
}
