import { expect, test } from 'vitest';
import { normalAt, uniformAt } from '../tensor/random.js';
import { fitAggd, logGamma } from './niqe-features.js';

test.each([
  [0.1, Math.log(9.513507698668732)],
  [0.5, Math.log(Math.PI) / 2],
  [1, 0],
  [5, Math.log(24)],
  [15, Math.log(87178291200)],
])('the logarithm of gamma of %d', (x, expected) => {
  expect(logGamma(x)).toBeCloseTo(expected, 12);
});

const count = 60_000;
const laplace = (index: number) => {
  const u = uniformAt(5, 0, index) - 0.5;
  return -Math.sign(u) * Math.log(1 - 2 * Math.abs(u));
};

test('Gaussian samples have shape 2 and a scale of sqrt 2 deviations', () => {
  const fit = fitAggd(Float64Array.from({ length: count }, (_, i) => 3 * normalAt(1, 0, i)))!;
  expect(Math.abs(fit.shape - 2)).toBeLessThan(0.05);
  expect(fit.left / (3 * Math.SQRT2)).toBeCloseTo(1, 1);
  expect(fit.right / (3 * Math.SQRT2)).toBeCloseTo(1, 1);
  expect(Math.abs(fit.mean)).toBeLessThan(0.06);
});

test('Laplace samples have shape 1 and their own scale', () => {
  const fit = fitAggd(Float64Array.from({ length: count }, (_, i) => 0.5 * laplace(i)))!;
  expect(Math.abs(fit.shape - 1)).toBeLessThan(0.03);
  expect(Math.abs(fit.left / 0.5 - 1)).toBeLessThan(0.05);
});

test('an asymmetric distribution has both scales and its mean back', () => {
  // Of density exp(-|x| / scale) on either side, a side has a share in proportion to its scale.
  const [left, right] = [0.4, 1.2];
  const samples = Float64Array.from({ length: count }, (_, i) => {
    const isLeft = uniformAt(8, 0, i) < left / (left + right);
    return isLeft ? -left * Math.abs(laplace(i)) : right * Math.abs(laplace(i));
  });
  const fit = fitAggd(samples)!;
  expect(Math.abs(fit.shape - 1)).toBeLessThan(0.04);
  expect(Math.abs(fit.left / left - 1)).toBeLessThan(0.06);
  expect(Math.abs(fit.right / right - 1)).toBeLessThan(0.06);
  const mean = samples.reduce((sum, value) => sum + value, 0) / count;
  expect(Math.abs(fit.mean - mean)).toBeLessThan(0.02);
});

test('scaling samples scales the scales alone, and mirroring swaps them', () => {
  const samples = Float64Array.from(
    { length: 500 },
    (_, i) => laplace(i) + 0.2 * normalAt(2, 0, i),
  );
  const fit = fitAggd(samples)!;
  const larger = fitAggd(samples.map((value) => 4 * value))!;
  expect(larger).toMatchObject({ shape: fit.shape, left: 4 * fit.left, right: 4 * fit.right });
  const mirrored = fitAggd(samples.map((value) => -value))!;
  expect(mirrored.shape).toBe(fit.shape);
  expect(mirrored.left).toBeCloseTo(fit.right, 12);
});

test('values of one sign, or none, leave a half open', () => {
  for (const values of [
    [1, 2, 3],
    [-1, 0],
    [0, 0],
  ])
    expect(fitAggd(Float64Array.from(values))).toBeUndefined();
});
