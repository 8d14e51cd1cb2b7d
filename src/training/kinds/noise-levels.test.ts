import { expect, test } from 'vitest';
import { drawBetween, expectedError, levelWeight } from './noise-levels.js';

function draws(law: 'uniform' | 'log-uniform'): number[] {
  return Array.from({ length: 4000 }, (_, sample) =>
    drawBetween({ seed: 5, step: 1, sample }, 0.01, 1, law),
  );
}

function share(values: readonly number[], bound: number): number {
  return values.filter((value) => value < bound).length / values.length;
}

test('a uniform law spreads evenly between its bounds', () => {
  const values = draws('uniform');
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0.01);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(share(values, 0.01 + 0.99 * 0.25)).toBeCloseTo(0.25, 1);
  expect(share(values, 0.01 + 0.99 * 0.75)).toBeCloseTo(0.75, 1);
});

test('a log-uniform law gives every decade its share', () => {
  const values = draws('log-uniform');
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0.01);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(share(values, 0.1)).toBeCloseTo(0.5, 1);
});

const decibels = (error: number): number => -10 * Math.log10(error);

test('the expected errors are those that the description names', () => {
  expect(decibels(expectedError(1 / 255))).toBeCloseTo(49.5, 0);
  expect(decibels(expectedError(6.7 / 255))).toBeCloseTo(38.3, 0);
  expect(decibels(expectedError(25 / 255))).toBeCloseTo(31.1, 0);
  expect(decibels(expectedError(0.9))).toBeCloseTo(21.7, 0);
});

test('a sample weighs the inverse of its expected error, so that weighted errors are alike', () => {
  for (const sigma of [0.002, 0.01, 0.1, 0.5, 1])
    expect(levelWeight(sigma) * expectedError(sigma)).toBeCloseTo(1e-3, 12);
});

test('below the smallest level the weight stays finite', () => {
  expect(levelWeight(0)).toBe(levelWeight(0.002));
  expect(Number.isFinite(levelWeight(0))).toBe(true);
});

test('a second estimate bounds the expected error from above', () => {
  const bound = 1.5e-3;
  for (const sigma of [0.01, 0.1, 1]) {
    const error = 1e-3 / levelWeight(sigma, bound);
    expect(error).toBeLessThan(Math.min(bound, expectedError(sigma)));
    expect(error).toBeGreaterThan(Math.min(bound, expectedError(sigma)) / 2.0001);
  }
});

test('without weights every level counts as it is', () => {
  for (const sigma of [0.002, 0.1, 1]) expect(levelWeight(sigma, 1e-3, 'none')).toBe(1);
});

test('the weights of EDM make the errors of a denoiser of white data alike', () => {
  const deviation = 0.25;
  for (const sigma of [0.01, 0.1, 1]) {
    const error = (sigma * deviation) ** 2 / (sigma ** 2 + deviation ** 2);
    expect(levelWeight(sigma, undefined, 'edm') * error).toBeCloseTo(1e-3, 12);
  }
});
