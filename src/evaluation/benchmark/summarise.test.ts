import { expect, test } from 'vitest';
import { psnr } from '../metrics/psnr.js';
import { metricColumn } from './metric-column.js';
import { type BenchmarkRecord, parseRecord, recordLine } from './record.js';
import { summarise } from './summarise.js';

const column = metricColumn(psnr());
const of = { dataset: 'd', method: 'm', expected: 2 };

function record(item: string, seed: number, value: number | undefined): BenchmarkRecord {
  return {
    ...{ key: 'a'.repeat(64), dataset: 'd', method: 'm', item, seed, width: 8, height: 6 },
    values: value === undefined ? {} : { [column.key]: value },
    ...{ seconds: 1 + seed, nfe: 3, parameters: 10, macs: 100, roughMacs: false },
  };
}

test('a mean over pictures for each seed, then mean and sample deviation over seeds', () => {
  const records = [record('a', 0, 20), record('b', 0, 30), record('a', 1, 22), record('b', 1, 32)];
  const row = summarise(of, records, [column]);
  expect(row.metrics[column.key]).toEqual({ mean: 26, deviation: Math.sqrt(2) });
  expect(row).toMatchObject({ items: 2, seeds: [0, 1], nfe: 3, parameters: 10, seconds: 1.5 });
});

test('a single seed has no deviation', () => {
  const { metrics } = summarise(of, [record('a', 4, 20), record('b', 4, 30)], [column]);
  expect(metrics[column.key]).toEqual({ mean: 25, deviation: null });
});

test('a picture that one seed lacks counts for none', () => {
  const records = [record('a', 0, 20), record('b', 0, 99), record('a', 1, 22)];
  const row = summarise(of, records, [column]);
  expect(row).toMatchObject({ items: 1, expected: 2 });
  expect(row.metrics[column.key]!.mean).toBe(21);
});

test('a metric that a picture lacks has no mean', () => {
  const { metrics } = summarise(of, [record('a', 0, 20), record('b', 0, undefined)], [column]);
  expect(metrics).toEqual({});
});

test('without records there are no figures', () => {
  expect(summarise(of, [], [column])).toMatchObject({
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
  expect(summarise(of, [read], [column]).metrics[column.key]!.mean).toBe(Infinity);
});

test.each(['', '{', '{"key":"x"}', recordLine(record('a', 0, 1)).slice(0, -9)])(
  'the line %j is no record',
  (line) => {
    expect(parseRecord(line)).toBeUndefined();
  },
);
