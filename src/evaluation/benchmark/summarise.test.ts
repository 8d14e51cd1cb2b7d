import { expect, test } from 'vitest';
import { psnr } from '../metrics/psnr.js';
import { Resampler } from '../statistics/bootstrap.js';
import { metricColumn } from './metric-column.js';
import { type BenchmarkRecord, parseRecord, recordLine } from './record.js';
import { summarise } from './summarise.js';

const column = metricColumn(psnr());
const draws = new Resampler({ resamples: 200 });
const of = { dataset: 'd', method: 'm', expected: 2 };

function record(item: string, seed: number, value: number | undefined): BenchmarkRecord {
  return {
    ...{ key: 'a'.repeat(64), dataset: 'd', method: 'm', item, seed, width: 8, height: 6 },
    values: value === undefined ? {} : { [column.key]: value },
    ...{ seconds: 1 + seed, nfe: 3, parameters: 10, macs: 100, roughMacs: false },
  };
}

test('a mean over seeds for each picture, then mean and interval over pictures', () => {
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

test('a picture that one seed lacks counts for none', () => {
  const records = [record('a', 0, 20), record('b', 0, 99), record('a', 1, 22)];
  const row = summarise(of, { records: records }, [column], draws);
  expect(row).toMatchObject({ items: 1, expected: 2 });
  expect(row.metrics[column.key]!.mean).toBe(21);
});

test('a picture that a metric cannot judge is left out of its mean alone', () => {
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

test('seeds of one picture do not narrow the interval', () => {
  const once = [record('a', 0, 20), record('b', 0, 30), record('c', 0, 28)];
  const thrice = [0, 1, 2].flatMap((seed) => once.map((own) => ({ ...own, seed })));
  const intervals = [once, thrice].map(
    (records) => summarise(of, { records }, [column], draws).metrics[column.key]!.interval,
  );
  expect(intervals[1]!.low).toBeCloseTo(intervals[0]!.low, 10);
  expect(intervals[1]!.high).toBeCloseTo(intervals[0]!.high, 10);
});

test('figures of sets stand beside those of pictures', () => {
  const figure = { ...{ items: 2, mean: 1, deviation: null }, interval: { low: 0.5, high: 2 } };
  const setFigures = new Map([['swd', { ...figure, resampled: [1] }]]);
  const columns = [column, { ...column, key: 'swd', ofSets: true }];
  const records = [record('a', 0, 20), record('b', 0, 30)];
  expect(summarise(of, { records, setFigures }, columns, draws).metrics.swd).toEqual(figure);
});

test('without records there are no figures', () => {
  expect(summarise(of, { records: [] }, [column], draws)).toMatchObject({
    items: 0,
    seeds: [],
    metrics: {},
    nfe: null,
  });
});

test('equal pictures have an infinite mean, also after a line of JSON', () => {
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
