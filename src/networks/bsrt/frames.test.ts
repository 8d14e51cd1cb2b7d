import { expect, test } from 'vitest';
import { at, filled, sample } from '../../graph/testing/tensors.js';
import { InputError, ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { fitBurst, sharpness } from './frames.js';

const detail = sample([4, 9, 12], 3, { low: 0 });

/** Frames of one detail, each as strong as `strengths` says. */
function burstOf(strengths: readonly number[]) {
  return filled(
    [strengths.length, 4, 9, 12],
    (n, ...place) => 0.5 + strengths[n!]! * at(detail, ...place),
  );
}

test('a burst of the right length stays as it is', () => {
  const burst = burstOf([0.1, 0.4, 0.2]);
  expect(fitBurst(burst, 3)).toEqual({ burst, used: [0, 1, 2], left: [] });
});

test('where frames lack, the reference is repeated', () => {
  const burst = burstOf([0.1, 0.4]);
  const fitted = fitBurst(burst, 4);
  expect(fitted.used).toEqual([0, 1, 0, 0]);
  expect(fitted.left).toEqual([]);
  const expected = filled([4, 4, 9, 12], (n, ...place) => at(burst, n === 1 ? 1 : 0, ...place));
  expect(fitted.burst).toEqual(expected);
});

test('of too many frames the sharpest stay in their order, and the reference in any case', () => {
  const burst = burstOf([0.01, 0.3, 0.9, 0.1, 0.5]);
  const fitted = fitBurst(burst, 3);
  expect(fitted.used).toEqual([0, 2, 4]);
  expect(fitted.left).toEqual([1, 3]);
  const expected = filled([3, 4, 9, 12], (n, ...place) => at(burst, [0, 2, 4][n!]!, ...place));
  expect(fitted.burst).toEqual(expected);
  expect(fitBurst(burst, 1).used).toEqual([0]);
});

test('of equally sharp frames the earlier stay', () => {
  expect(fitBurst(burstOf([0.2, 0.2, 0.2, 0.2]), 3).used).toEqual([0, 1, 2]);
});

test('frames that hold no numbers are the first to go', () => {
  const burst = burstOf([0.1, 0.9, 0.01, 0.02]);
  burst.data[4 * 9 * 12 + 9 * 12 + 5] = Number.NaN;
  expect(fitBurst(burst, 3).used).toEqual([0, 2, 3]);
});

test('sharpness is that of the green planes, whatever their brightness', () => {
  const pattern = (n: number, c: number, row: number, column: number): number =>
    c === 1 || c === 2 ? 0.3 * n + 0.1 * ((row + column) % 2) : 0.7 * ((row * column + n) % 3);
  const burst = filled([2, 4, 6, 6], (n, c, row, column) => pattern(n!, c!, row!, column!));
  expect(sharpness(burst, 1)).toBeCloseTo(sharpness(burst, 0), 6);
  // Inside a chessboard of step 0.1 the Laplacian is -0.4 and 0.4 in turn; at the border two
  // or one of the four neighbours are missing.
  const inside = 16 * 0.4 ** 2;
  const edges = 16 * 0.3 ** 2;
  const corners = 4 * 0.2 ** 2;
  expect(sharpness(burst, 0)).toBeCloseTo((inside + edges + corners) / 36, 6);
});

test('a ramp is as smooth as a plain inside; its blur is less sharp than a step', () => {
  const along = (values: number[]) =>
    filled([1, 4, 3, values.length], (_n, _c, _row, column) => values[column!]!);
  const step = sharpness(along([0, 0, 0, 1, 1, 1]), 0);
  const blurred = sharpness(along([0, 0, 0.25, 0.75, 1, 1]), 0);
  expect(sharpness(along([0.4, 0.4, 0.4, 0.4, 0.4, 0.4]), 0)).toBe(0);
  expect(blurred).toBeGreaterThan(0);
  expect(step).toBeGreaterThan(4 * blurred);
});

test.each([[[4, 9, 12]], [[2, 3, 9, 12]], [[0, 4, 9, 12]]])(
  'refuses a burst of shape %j',
  (shape) => {
    const burst = { ...tensor([1]), shape, data: new Float32Array(shape.reduce((a, b) => a * b)) };
    expect(() => fitBurst(burst, 2)).toThrow(InputError);
  },
);

test.each([0, 1.5, Number.NaN])('refuses %d frames', (frames) => {
  expect(() => fitBurst(burstOf([1]), frames)).toThrow(ParameterError);
});
