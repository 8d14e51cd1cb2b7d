import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { firstNotFinite } from './finite.js';

test('one entry that is not finite is found wherever it stands', () => {
  for (let length = 1; length <= 11; length += 1)
    for (let at = 0; at < length; at += 1)
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const bad = tensor([length]);
        bad.data[at] = value;
        expect(
          firstNotFinite([
            ['good', tensor([length])],
            ['bad', bad],
          ]),
        ).toBe('bad');
      }
});

test('infinities of both signs do not cancel, and the largest numbers are numbers', () => {
  const both = tensor([8], [1 / 0, -1 / 0, 0, 0, 1 / 0, -1 / 0, 0, 0]);
  expect(firstNotFinite([['both', both]])).toBe('both');
  const largest = tensor([9], new Array(9).fill(3.4028234663852886e38));
  expect(
    firstNotFinite([
      ['largest', largest],
      ['none', tensor([0])],
    ]),
  ).toBeUndefined();
});
