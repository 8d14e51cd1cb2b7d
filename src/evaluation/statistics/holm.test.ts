import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { holmAdjusted } from './holm.js';

test.each([
  [[], []],
  [[0.03], [0.03]],
  [
    [0.01, 0.04, 0.03],
    [0.03, 0.06, 0.06],
  ],
  // 5 p, 4 p, 3 p, 2 p and p, none below the one before.
  [
    [0.01, 0.02, 0.03, 0.04, 0.05],
    [0.05, 0.08, 0.09, 0.09, 0.09],
  ],
  [
    [0.9, 0.4, 0.5],
    [1, 1, 1],
  ],
])('%j becomes %j', (values, expected) => {
  holmAdjusted(values).forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index]!, 12);
  });
  expect(holmAdjusted(values)).toHaveLength(expected.length);
});

test('what is no p value is refused', () => {
  expect(() => holmAdjusted([0.1, 1.2])).toThrow(ParameterError);
  expect(() => holmAdjusted([Number.NaN])).toThrow(ParameterError);
});
