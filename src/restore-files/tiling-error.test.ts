import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { tilingErrorOf } from './restore-image.js';

test('the largest and the root mean square difference', () => {
  const tiled = tensor([1, 2, 2], [0, 0.5, 0.25, 1]);
  const whole = tensor([1, 2, 2], [0, 0.25, 0.5, 1]);
  const { maximum, rms } = tilingErrorOf(tiled, whole);
  expect(maximum).toBe(0.25);
  expect(rms).toBeCloseTo(Math.sqrt((2 * 0.25 ** 2) / 4), 12);
  expect(tilingErrorOf(tiled, tiled)).toEqual({ maximum: 0, rms: 0 });
});
