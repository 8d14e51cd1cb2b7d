import { expect, test } from 'vitest';
import { at, filled, sample } from '../../graph/testing/tensors.js';
import { tensor } from '../../tensor/tensor.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import { fitBurst } from './burst-frames.js';

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
