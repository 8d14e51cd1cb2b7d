import { type Value, gather, pad, slice } from '../graph/index.js';

/**
 * [N, C, H, W] mirrored downwards and to the right until both sides are multiples of `multiple` and
 * at least `least`.
 * Pictures smaller than the margin are mirrored repeatedly; a single row or column is repeated.
 */
export function padToMultiple(x: Value, multiple: number, least = 0): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  const [rows, columns] = [height, width].map(
    (extent) => Math.ceil(Math.max(extent, least) / multiple) * multiple,
  ) as [number, number];
  if (rows < 2 * height && columns < 2 * width) {
    const padding = [
      [0, 0],
      [0, 0],
      [0, rows - height],
      [0, columns - width],
    ] as const;
    return pad(x, padding, 'reflect');
  }
  return mirrored(mirrored(x, 2, rows), 3, columns);
}

/** [N, C, H, W] with zeros below and to the right until both sides are multiples of `multiple`. */
export function padWithZeros(x: Value, multiple: number): Value {
  const missing = (extent: number): number => Math.ceil(extent / multiple) * multiple - extent;
  const [height, width] = x.shape.slice(2) as [number, number];
  const padding = [
    [0, 0],
    [0, 0],
    [0, missing(height)],
    [0, missing(width)],
  ] as const;
  return pad(x, padding);
}

/** The top left [height, width] of [N, C, H, W]. */
export function crop(x: Value, height: number, width: number): Value {
  const rows = x.shape[2] === height ? x : slice(x, 2, 0, height);
  return x.shape[3] === width ? rows : slice(rows, 3, 0, width);
}

function mirrored(x: Value, axis: number, extent: number): Value {
  const inside = x.shape[axis]!;
  if (inside === extent) return x;
  const period = Math.max(1, 2 * (inside - 1));
  const indices = Array.from({ length: extent }, (_, place) => {
    const phase = place % period;
    return Math.min(phase, period - phase);
  });
  return gather(x, axis, indices);
}
