import { expect, test } from 'vitest';
import type { SetMetric } from '../../metrics/metric.js';
import { metricColumn } from '../../metrics/metric.js';
import { psnr } from '../../metrics/psnr.js';
import { Resampler } from '../../metrics/statistics.js';
import { type BenchmarkRecord, parseRecord, recordLine } from './record.js';
import { setScore, summarise } from './summarise.js';

const column = metricColumn(psnr.open());
const draws = new Resampler({ resamples: 200 });
const of = { dataset: 'd', method: 'm', expected: 2 };

function record(item: string, seed: number, value: number | undefined): BenchmarkRecord {
  return {
    ...{ key: 'a'.repeat(64), dataset: 'd', method: 'm', item, seed, width: 8, height: 6 },
    values: value === undefined ? {} : { [column.key]: value },
    ...{ seconds: 1 + seed, nfe: 3, parameters: 10, macs: 100, roughMacs: false },
  };
}

test('a mean over seeds for each image, then mean and interval over images', () => {
  const records = [record('a', 0, 20), record('b', 0, 30), record('a', 1, 22), record('b', 1, 32)];
  const row = summarise(of, { records: records }, [column], draws);
  expect(row.metrics[column.key]).toEqual({
    ...{ mean: 26, deviation: Math.sqrt(2), items: 2 },
    interval: { low: 21, high: 31 },
  });
  expect(row).toMatchObject({ items: 2, seeds: [0, 1], nfe: 3, parameters: 10, seconds: 1.5 });
});

test('a single seed has no deviation', () => {
  const { metrics } = summarise(
    of,
    { records: [record('a', 4, 20), record('b', 4, 30)] },
    [column],
    draws,
  );
  expect(metrics[column.key]).toMatchObject({ mean: 25, deviation: null });
});

test('an image that one seed lacks counts for none', () => {
  const records = [record('a', 0, 20), record('b', 0, 99), record('a', 1, 22)];
  const row = summarise(of, { records: records }, [column], draws);
  expect(row).toMatchObject({ items: 1, expected: 2 });
  expect(row.metrics[column.key]!.mean).toBe(21);
});

test('an image that a metric cannot judge is left out of its mean alone', () => {
  const { metrics } = summarise(
    of,
    { records: [record('a', 0, 20), record('b', 0, undefined)] },
    [column],
    draws,
  );
  expect(metrics[column.key]).toEqual({ mean: 20, interval: null, deviation: null, items: 1 });
  const none = summarise(of, { records: [record('a', 0, undefined)] }, [column], draws);
  expect(none).toMatchObject({ metrics: {}, items: 1 });
});

test('seeds of one image do not narrow the interval', () => {
  const once = [record('a', 0, 20), record('b', 0, 30), record('c', 0, 28)];
  const thrice = [0, 1, 2].flatMap((seed) => once.map((own) => ({ ...own, seed })));
  const intervals = [once, thrice].map(
    (records) => summarise(of, { records }, [column], draws).metrics[column.key]!.interval,
  );
  expect(intervals[1]!.low).toBeCloseTo(intervals[0]!.low, 10);
  expect(intervals[1]!.high).toBeCloseTo(intervals[0]!.high, 10);
});

test('scores of sets stand beside those of images', () => {
  const score = { ...{ items: 2, mean: 1, deviation: null }, interval: { low: 0.5, high: 2 } };
  const setScores = new Map([['swd', { ...score, resampled: [1] }]]);
  const columns = [column, { ...column, key: 'swd', ofSets: true }];
  const records = [record('a', 0, 20), record('b', 0, 30)];
  expect(summarise(of, { records, setScores }, columns, draws).metrics.swd).toEqual(score);
});

test('without records there are no scores', () => {
  expect(summarise(of, { records: [] }, [column], draws)).toMatchObject({
    items: 0,
    seeds: [],
    metrics: {},
    nfe: null,
  });
});

test('equal images have an infinite mean, also after a line of JSON', () => {
  const line = recordLine(record('a', 0, Infinity));
  expect(line).not.toContain('null,"key');
  const read = parseRecord(line)!;
  expect(read).toEqual(record('a', 0, Infinity));
  expect(summarise(of, { records: [read] }, [column], draws).metrics[column.key]!.mean).toBe(
    Infinity,
  );
});

test.each(['', '{', '{"key":"x"}', recordLine(record('a', 0, 1)).slice(0, -9)])(
  'the line %j is no record',
  (line) => {
    expect(parseRecord(line)).toBeUndefined();
  },
);

/** The distance between the means of first bytes. */
const metric: SetMetric = {
  ...{ name: 'means', input: 'set', direction: 'lower' },
  ...{ range: [0, 255], unit: '', colourSpace: 'rgb', border: 0, version: '1' },
  sketch: ({ data }) => Uint8Array.of(data[0]!),
  prepare: (results, targets) => (picks) =>
    Math.abs(
      picks.reduce((sum, pick) => sum + results[pick]![0]! - targets[pick]![0]!, 0) / picks.length,
    ),
};
const bytes = (...values: number[]) => values.map((value) => Uint8Array.of(value));

test('the score of all images is a mean over seeds, and resamples pick results and targets', () => {
  const targets = bytes(10, 20, 30);
  const score = setScore(
    metric,
    [bytes(14, 24, 34), bytes(12, 22, 32)],
    targets,
    new Resampler({ resamples: 30 }),
  );
  expect(score).toMatchObject({ items: 3, mean: 3, deviation: Math.sqrt(2) });
  // Every image is 4 off with one seed and 2 with the other, whichever are picked.
  expect(score.resampled).toHaveLength(30);
  for (const resampled of score.resampled) expect(resampled).toBeCloseTo(3, 12);
  expect(score.interval!.high - score.interval!.low).toBeLessThan(1e-9);
});

test('scores of resamples are centred on that of the set', () => {
  /** How many different images there are too few: larger for every resample but a permutation. */
  const lacking: SetMetric = {
    ...metric,
    prepare: (results) => (picks) => results.length - new Set(picks).size,
  };
  const four = bytes(1, 2, 3, 4);
  const score = setScore(lacking, [four], four, new Resampler({ resamples: 300 }));
  expect(score.mean).toBe(0);
  const mean = score.resampled.reduce((sum, value) => sum + value / 300, 0);
  expect(mean).toBeCloseTo(0, 10);
  expect(score.interval!.low).toBeLessThan(0);
  expect(score.interval!.high).toBeGreaterThan(0);
});

test('a score that images differ in has a wide interval, and one image has none', () => {
  const draws = new Resampler({ resamples: 200 });
  const { interval } = setScore(metric, [bytes(10, 30)], bytes(10, 20), draws);
  // Means of two differences of 0 and 10: from 0 to 10 about their mean.
  expect(interval!.low).toBeGreaterThan(-1);
  expect(interval!.low).toBeLessThan(1);
  expect(interval!.high - interval!.low).toBeCloseTo(10, 10);
  expect(setScore(metric, [bytes(9)], bytes(4), draws)).toEqual({
    ...{ items: 1, mean: 5, deviation: null, interval: null, resampled: [] },
  });
});
