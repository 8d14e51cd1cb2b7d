import type { Kernel } from './kernel.js';
import type { Planes } from './planes.js';

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
