import type { Planes } from './planes.js';

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
