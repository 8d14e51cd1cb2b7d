import { expect, test } from 'vitest';
import { filled } from '../graph/testing/tensors.js';
import { sharpness } from './sharpness.js';

test('sharpness is that of the green planes, whatever their brightness', () => {
  const pattern = (n: number, c: number, row: number, column: number): number =>
    c === 1 || c === 2 ? 0.3 * n + 0.1 * ((row + column) % 2) : 0.7 * ((row * column + n) % 3);
  const frame = (n: number) => filled([4, 6, 6], (c, row, column) => pattern(n, c!, row!, column!));
  expect(sharpness(frame(1))).toBeCloseTo(sharpness(frame(0)), 6);
  // Inside a chessboard of step 0.1 the Laplacian is -0.4 and 0.4 in turn; at the border two
  // or one of the four neighbours are missing.
  const inside = 16 * 0.4 ** 2;
  const edges = 16 * 0.3 ** 2;
  const corners = 4 * 0.2 ** 2;
  expect(sharpness(frame(0))).toBeCloseTo((inside + edges + corners) / 36, 6);
});

test('a ramp is as smooth as a plain inside; its blur is less sharp than a step', () => {
  const along = (values: number[]) =>
    filled([4, 3, values.length], (_c, _row, column) => values[column!]!);
  const step = sharpness(along([0, 0, 0, 1, 1, 1]));
  const blurred = sharpness(along([0, 0, 0.25, 0.75, 1, 1]));
  expect(sharpness(along([0.4, 0.4, 0.4, 0.4, 0.4, 0.4]))).toBe(0);
  expect(blurred).toBeGreaterThan(0);
  expect(step).toBeGreaterThan(4 * blurred);
});
