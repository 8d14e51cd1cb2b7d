import { expect, test } from 'vitest';
import { levelWeight } from './level-weight.js';

test('weights undo the growth of squared errors with the noise', () => {
  for (const sigma of [0.004, 0.02, 0.1, 0.5, 2])
    expect(levelWeight(sigma) * (sigma / (sigma + 0.1))).toBeCloseTo(1, 12);
});

test('weights are bounded where there is hardly any noise', () => {
  expect(levelWeight(0)).toBe(levelWeight(0.004));
  expect(levelWeight(1e-6)).toBeCloseTo(26, 12);
});
