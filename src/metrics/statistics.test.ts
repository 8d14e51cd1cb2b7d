import { expect, test } from 'vitest';
import { normalAt } from '../tensor/random.js';
import { ParameterError } from '../utils/errors.js';
import {
  bootstrapP,
  holmAdjusted,
  meanInterval,
  percentileInterval,
  Resampler,
  resampledMeans,
  signFlipP,
} from './statistics.js';

test('resamples are as large as the set, drawn from it evenly, and functions of the seed', () => {
  const draws = new Resampler({ resamples: 500, seed: 3 }).of(20);
  expect(draws).toHaveLength(500);
  const counts = new Array<number>(20).fill(0);
  for (const picks of draws) {
    expect(picks).toHaveLength(20);
    for (const pick of picks) counts[pick]!++;
  }
  // 10000 draws of 20 positions: 500 each with a deviation of 22.
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
  const scores = Array.from({ length: 101 }, (_, index) => 100 - index);
  expect(percentileInterval(scores, 0.9)).toEqual({
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

test('a single photograph and infinite scores have no interval', () => {
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

test('few differences: every assignment of signs counts', () => {
  expect(signFlipP([0.3, 0.1, 0.2, 0.4, 0.2, 0.1])).toBe(2 / 64);
  // Sums of ±1 ±2 ±3 that are at least 4 from zero: 6, 4 and their opposites.
  expect(signFlipP([-1, 2, 3])).toBe(4 / 8);
  expect(signFlipP([1])).toBe(1);
});

test('differences of nothing differ in nothing', () => {
  expect(signFlipP([0, 0, 0])).toBe(1);
});

test('p does not change with sign, order or scale', () => {
  const differences = Array.from({ length: 10 }, (_, index) => 0.3 + normalAt(5, 0, index));
  const p = signFlipP(differences);
  expect(signFlipP(differences.map((value) => -value))).toBe(p);
  expect(signFlipP(differences.map((value) => 1e-3 * value))).toBe(p);
  expect(signFlipP([...differences].reverse())).toBe(p);
});

test('drawn signs come near the exact share', () => {
  const differences = Array.from({ length: 12 }, (_, index) => 0.5 + normalAt(6, 0, index));
  const exact = signFlipP(differences, { permutations: 4096 });
  const drawn = signFlipP(differences, { permutations: 4095 });
  expect(Math.abs(drawn - exact)).toBeLessThan(0.03);
  expect(drawn).not.toBe(exact);
});

test('what differs everywhere has the least p, also beyond 32 photographs', () => {
  const differences = Array.from({ length: 70 }, (_, index) => 1 + 0.1 * normalAt(7, 0, index));
  expect(signFlipP(differences, { permutations: 999 })).toBe(1 / 1000);
});

test('without a difference p is small about as often as it says', () => {
  let rejected = 0;
  for (let trial = 0; trial < 400; trial++) {
    const differences = Array.from({ length: 40 }, (_, index) => normalAt(8, trial, index));
    if (signFlipP(differences, { permutations: 399 }) <= 0.1) rejected++;
  }
  // 10 % of 400 with a deviation of 1.5 %.
  expect(rejected / 400).toBeGreaterThan(0.05);
  expect(rejected / 400).toBeLessThan(0.15);
});

test.each([[[]], [[1, Number.NaN]]])('%j is refused', (differences) => {
  expect(() => signFlipP(differences)).toThrow(ParameterError);
});

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
