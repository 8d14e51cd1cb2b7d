import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { normalAt } from '../../tensor/random.js';
import {
  bootstrapP,
  meanInterval,
  percentileInterval,
  Resampler,
  resampledMeans,
} from './bootstrap.js';

test('resamples are as large as the set, drawn from it evenly, and functions of the seed', () => {
  const draws = new Resampler({ resamples: 500, seed: 3 }).of(20);
  expect(draws).toHaveLength(500);
  const counts = new Array<number>(20).fill(0);
  for (const picks of draws) {
    expect(picks).toHaveLength(20);
    for (const pick of picks) counts[pick]!++;
  }
  // 10000 draws of 20 places: 500 each with a deviation of 22.
  for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(90);
  expect(new Resampler({ resamples: 500, seed: 3 }).of(20)).toEqual(draws);
  expect(new Resampler({ resamples: 500, seed: 4 }).of(20)).not.toEqual(draws);
  expect(new Resampler({ resamples: 2 }).of(20)).toEqual(
    new Resampler({ resamples: 3 }).of(20).slice(0, 2),
  );
});

test('there are 2000 resamples unless told otherwise', () => {
  expect(new Resampler().of(1)).toHaveLength(2000);
  expect(() => new Resampler({ resamples: 0 })).toThrow(ParameterError);
  expect(() => new Resampler().of(0)).toThrow(ParameterError);
});

test('an interval leaves out equal shares at both ends', () => {
  const figures = Array.from({ length: 101 }, (_, index) => 100 - index);
  expect(percentileInterval(figures, 0.9)).toEqual({
    low: expect.closeTo(5, 10),
    high: expect.closeTo(95, 10),
  });
  expect(percentileInterval([1, 2], 0.5)).toEqual({ low: 1.25, high: 1.75 });
  expect(() => percentileInterval([])).toThrow(ParameterError);
  expect(() => percentileInterval([1, Number.NaN])).toThrow(ParameterError);
});

test('resampled means of equal values are that value', () => {
  expect(new Set(resampledMeans([7, 7, 7], new Resampler({ resamples: 50 })))).toEqual(
    new Set([7]),
  );
});

test('the interval of a mean is about 1.96 standard errors to each side', () => {
  const values = Array.from({ length: 200 }, (_, index) => 5 + 2 * normalAt(1, 0, index));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const { low, high } = meanInterval(values, new Resampler())!;
  const error = 2 / Math.sqrt(200);
  expect((mean - low) / error).toBeGreaterThan(1.6);
  expect((mean - low) / error).toBeLessThan(2.3);
  expect((high - mean) / error).toBeGreaterThan(1.6);
  expect((high - mean) / error).toBeLessThan(2.3);
});

test('intervals hold the truth about as often as they say', () => {
  const draws = new Resampler({ resamples: 300 });
  let held = 0;
  for (let trial = 0; trial < 300; trial++) {
    const values = Array.from({ length: 50 }, (_, index) => normalAt(2, trial, index));
    const { low, high } = meanInterval(values, draws)!;
    if (low <= 0 && 0 <= high) held++;
  }
  // 95 % of 300 with a deviation of 1.3 %.
  expect(held / 300).toBeGreaterThan(0.89);
  expect(held / 300).toBeLessThan(0.99);
});

test('a single photograph and infinite figures have no interval', () => {
  const draws = new Resampler({ resamples: 10 });
  expect(meanInterval([3], draws)).toBeNull();
  expect(meanInterval([3, Number.POSITIVE_INFINITY], draws)).toBeNull();
});

test('p is twice the share of resamples on the rarer side of zero', () => {
  const differences = [...new Array<number>(97).fill(1), -1, -2];
  expect(bootstrapP(differences)).toBeCloseTo((2 * 3) / 100, 12);
  expect(bootstrapP(differences.map((value) => -value))).toBeCloseTo((2 * 3) / 100, 12);
  expect(bootstrapP([0, 0, 0])).toBe(1);
  expect(bootstrapP(new Array<number>(1999).fill(1))).toBeCloseTo(2 / 2000, 12);
});
