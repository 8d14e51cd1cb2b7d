import type { Plane } from './code-plane.js';

/**
 * Means of 2x2 pixels, halves rounded down and up in turn so that nothing drifts; sides round up.
 * The last column of the picture is repeated until rows fill whole blocks.
 */
export function halve({ data, height, width }: Plane): Plane {
  const rows = Math.ceil(height / 2);
  const columns = 8 * Math.ceil(width / 16);
  const result = new Float32Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    const upper = 2 * y * width;
    const lower = Math.min(2 * y + 1, height - 1) * width;
    for (let x = 0; x < columns; x++) {
      const left = Math.min(2 * x, width - 1);
      const right = Math.min(2 * x + 1, width - 1);
      const sum =
        data[upper + left]! + data[upper + right]! + data[lower + left]! + data[lower + right]!;
      result[y * columns + x] = Math.floor((sum + 1 + (x & 1)) / 4);
    }
  }
  return { data: result, height: rows, width: columns };
}

/**
 * Twice as many pixels along each axis by the triangle filter of decoders: three parts of the
 * nearest pixel and one of the next. Planes of one or two columns are repeated, as there.
 * @param height of the result; of the plane as many rows and columns count as that takes.
 */
export function double(plane: Plane, height: number, width: number): Plane {
  const { data, height: rows, width: stride } = plane;
  const columns = Math.ceil(width / 2);
  const result = new Float32Array(height * width);
  const mixed = new Float32Array(columns);
  for (let y = 0; y < height; y++) {
    const near = y >> 1;
    if (columns <= 2) {
      for (let x = 0; x < width; x++) result[y * width + x] = data[near * stride + (x >> 1)]!;
      continue;
    }
    const far = Math.min(Math.max(near + (y & 1 ? 1 : -1), 0), rows - 1);
    for (let x = 0; x < columns; x++)
      mixed[x] = 3 * data[near * stride + x]! + data[far * stride + x]!;
    for (let x = 0; x < width; x++) {
      const column = x >> 1;
      const next = Math.min(Math.max(column + (x & 1 ? 1 : -1), 0), columns - 1);
      result[y * width + x] = Math.floor((3 * mixed[column]! + mixed[next]! + 8 - (x & 1)) / 16);
    }
  }
  return { data: result, height, width };
}
