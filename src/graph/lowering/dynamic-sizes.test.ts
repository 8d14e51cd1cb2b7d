import { expect, test } from 'vitest';
import { fitSizes, sampleSizes, valuesAt } from './dynamic-sizes.js';

const sizes = sampleSizes(2);
const of = (...formulas: ((h: bigint, w: bigint) => bigint)[]): bigint[][] =>
  sizes.map(({ height, width }) => formulas.map((f) => f(BigInt(height), BigInt(width))));

test('a polynomial of the size is found and holds at other sizes', () => {
  const fit = fitSizes(
    sizes,
    of(
      (h, w) => 3n * h * w - 5n,
      () => 64n,
      (h) => 2n * h,
      (_, w) => -(2n ** 62n) + w,
    ),
  );
  expect(valuesAt(fit!, { height: 100, width: 7 })).toEqual([2095n, 64n, 200n, -(2n ** 62n) + 7n]);
});

test.each<[string, (h: bigint, w: bigint) => bigint]>([
  ['a square', (h) => h * h],
  ['a halved height', (h) => h / 2n],
  ['an exception at the least size', (h, w) => (h === 2n && w === 2n ? 0n : h)],
])('%s is no such polynomial', (_, formula) => {
  expect(fitSizes(sizes, of(formula))).toBeUndefined();
});
