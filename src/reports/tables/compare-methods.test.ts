import { expect, test } from 'vitest';
import { metricColumn } from '../../metrics/metric.js';
import { psnr } from '../../metrics/psnr.js';
import { Resampler } from '../../metrics/statistics.js';
import { compareMethods } from './compare-methods.js';
import type { BenchmarkRecord } from './record.js';
import type { SetScore } from './summarise.js';

const column = metricColumn(psnr.open());
const ofSets = { ...column, key: 'swd', ofSets: true };
const draws = new Resampler({ resamples: 400 });

function records(values: readonly number[], seed = 0): BenchmarkRecord[] {
  return values.map((value, index) => ({
    ...{ key: 'a'.repeat(64), dataset: 'd', method: 'm', item: `p${index}`, seed },
    ...{ width: 8, height: 8, values: { [column.key]: value }, roughMacs: false },
    ...{ seconds: null, nfe: 1, parameters: 1, macs: 1 },
  }));
}

function compared(methods: Record<string, readonly BenchmarkRecord[]>) {
  const all = new Map(Object.entries(methods).map(([name, own]) => [name, { records: own }]));
  return compareMethods({ dataset: 'd', methods: all, against: 'base' }, [column], draws);
}

const base = [30, 20, 25, 28, 22, 31, 27, 24, 26, 23];

test('differences are paired: images that differ in level do not widen the interval', () => {
  const better = base.map((value, index) => value + 0.5 + 0.01 * (index % 3));
  const [found] = compared({ base: records(base), better: records(better) });
  expect(found).toMatchObject({ method: 'better', against: 'base', items: 10, p: 2 / 1024 });
  expect(found!.difference).toBeCloseTo(0.509, 6);
  expect(found!.interval.low).toBeGreaterThan(0.5 - 1e-9);
  expect(found!.interval.high).toBeLessThan(0.52 + 1e-9);
  expect(found!.significant).toBe(true);
});

test('p is adjusted over all comparisons of the table', () => {
  const raised = (by: number) => records(base.map((value) => value + by));
  const mixed = records(base.map((value, index) => value + (index % 2 === 0 ? 1 : -1)));
  const found = compared({ base: records(base), one: raised(1), two: raised(2), mixed });
  expect(found.map(({ p }) => p)).toEqual([2 / 1024, 2 / 1024, 1]);
  expect(found.map(({ adjusted }) => adjusted)).toEqual([6 / 1024, 6 / 1024, 1]);
  expect(found.map(({ significant }) => significant)).toEqual([true, true, false]);
});

test('seeds are averaged before images are compared', () => {
  const seeds = [0, 1].flatMap((seed) =>
    records(
      base.map((value) => value + 2 * seed),
      seed,
    ),
  );
  const [found] = compared({ base: records(base), seeds });
  expect(found).toMatchObject({ items: 10, p: 2 / 1024 });
  expect(found!.difference).toBeCloseTo(1, 10);
});

test('images that one method lacks or whose score is infinite are left out', () => {
  const own = records([31, 21, Number.POSITIVE_INFINITY, 29]);
  const [found] = compared({ base: records(base), own });
  expect(found).toMatchObject({ items: 3, difference: 1 });
  expect(compared({ base: records(base), own: own.slice(0, 1) })).toEqual([]);
});

test('sets are compared resample by resample, and only on the same images', () => {
  const score = (mean: number, resampled: readonly number[], items = 3): SetScore => ({
    ...{ items, mean, deviation: null, resampled },
    interval: { low: Math.min(...resampled), high: Math.max(...resampled) },
  });
  const of = (own: SetScore, values = [1, 2, 3]) => ({
    records: records(values),
    setScores: new Map([['swd', own]]),
  });
  const levels = Array.from({ length: 99 }, (_, index) => index % 10);
  const pairs = (other: ReturnType<typeof of>) =>
    compareMethods(
      {
        ...{ dataset: 'd', against: 'base' },
        methods: new Map([
          ['base', of(score(5, levels))],
          ['other', other],
        ]),
      },
      [ofSets],
      draws,
    );
  const lower = levels.map((level) => level - 0.5);
  const [found] = pairs(of(score(4.5, lower)));
  expect(found).toMatchObject({ test: 'bootstrap', difference: -0.5, items: 3, p: 0.02 });
  expect(found!.interval).toEqual({ low: -0.5, high: -0.5 });
  expect(pairs(of(score(4.5, lower), [1, 2]))).toEqual([]);
});
