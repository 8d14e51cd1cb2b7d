import { expect, test } from 'vitest';
import { Resampler } from '../../src/metrics/statistics.js';
import type { BenchmarkRecord } from '../../src/reports/tables/record.js';
import { type Gain, gainOf, judge } from './judge.js';

const metric = { key: 'psnr', direction: 'higher' } as const;
const draws = new Resampler({ resamples: 300 });

function records(values: readonly number[], seed = 0) {
  return {
    records: values.map(
      (psnr, index): BenchmarkRecord => ({
        ...{ key: '0'.repeat(64), dataset: 'd', method: 'm', item: `p${index}`, seed },
        ...{ width: 8, height: 8, values: { psnr }, seconds: null, nfe: 1, parameters: 1 },
        ...{ macs: 1, roughMacs: false },
      }),
    ),
  };
}

test('the gain is the mean difference of photographs, with its interval', () => {
  const found = gainOf(records([31, 32, 36]), records([30, 30, 30]), metric, 'better', draws)!;
  expect(found).toMatchObject({ gain: 3, images: 3, least: 0, p: 2 / 8 });
  expect(found.interval.low).toBeGreaterThanOrEqual(1);
  expect(found.interval.low).toBeLessThan(3);
  expect(found.interval.high).toBe(6);
});

test('where lower is better, a smaller score is a gain', () => {
  const lower = { key: 'psnr', direction: 'lower' } as const;
  const found = gainOf(records([1, 2]), records([2.1, 3]), lower, 'better', draws)!;
  expect(found.gain).toBeCloseTo(1.05, 12);
  expect(found.interval.low).toBeCloseTo(1, 12);
  expect(found.interval.high).toBeCloseTo(1.1, 12);
});

test('p is of the gain that the statement needs', () => {
  const ours = records([29.96, 29.94, 29.95, 29.96, 29.93, 29.95]);
  const theirs = records(new Array<number>(6).fill(30));
  const within = gainOf(ours, theirs, metric, { within: 0.1 }, draws)!;
  expect(within).toMatchObject({ least: -0.1, p: 2 / 64 });
  const centred = gainOf(ours, theirs, metric, { within: 0.05 }, draws)!;
  expect(centred.p).toBeGreaterThan(0.5);
  const lower = { key: 'psnr', direction: 'lower' } as const;
  expect(gainOf(theirs, ours, lower, { within: 0.1 }, draws)).toMatchObject({ p: 2 / 64 });
});

const gain = (mean: number, p: number, least = 0): Gain => ({
  ...{ gain: mean, interval: { low: mean - 1, high: mean + 1 }, images: 9, least, p },
});

test('a statement holds, or does not, where its adjusted p is small', () => {
  const outcomes = judge([
    gain(1, 0.001),
    gain(-1, 0.001),
    gain(-0.05, 0.001, -0.1),
    gain(1, 0.04),
  ]).map(({ outcome }) => outcome);
  expect(outcomes).toEqual(['holds', 'does not hold', 'holds', 'holds']);
});

test('what one statement alone would decide, many do not', () => {
  expect(judge([gain(1, 0.04)])[0]!.outcome).toBe('holds');
  const many = judge([gain(1, 0.04), gain(1, 0.5), gain(1, 0.9)]);
  expect(many[0]).toMatchObject({ outcome: 'undecided' });
  expect(many[0]!.adjusted).toBeCloseTo(0.12, 12);
});

test('photographs that only one has, or whose score is infinite, are left out', () => {
  const ours = records([31, Number.POSITIVE_INFINITY, 33, 50]);
  const found = gainOf(ours, records([30, 30, 30]), metric, 'better', draws);
  expect(found).toMatchObject({ gain: 2, images: 2 });
  expect(gainOf(records([31]), records([30]), metric, 'better', draws)).toBeUndefined();
});
