import { expect, test } from 'vitest';
import type { BenchmarkRecord } from '../../src/evaluation/benchmark/record.js';
import { judge } from './judge.js';

const metric = { key: 'psnr', direction: 'higher' } as const;

function records(values: readonly number[], seed = 0): BenchmarkRecord[] {
  return values.map((psnr, index) => ({
    ...{ key: '0'.repeat(64), dataset: 'd', method: 'm', item: `p${index}`, seed },
    ...{ width: 8, height: 8, values: { psnr }, seconds: null, nfe: 1, parameters: 1, macs: 1 },
    roughMacs: false,
  }));
}

test('the gain is the mean difference of pictures, its error their deviation over the root', () => {
  const judged = judge(records([31, 32, 36]), records([30, 30, 30]), metric, 'better');
  expect(judged).toMatchObject({ gain: 3, pictures: 3, outcome: 'undecided' });
  // Differences 1, 2, 6: variance 7, over three pictures.
  expect(judged!.error).toBeCloseTo(Math.sqrt(7 / 3), 12);
});

test('where lower is better, a smaller figure is a gain', () => {
  const lower = { key: 'psnr', direction: 'lower' } as const;
  const judged = judge(records([1, 2]), records([2.1, 3]), lower, 'better');
  expect(judged!.gain).toBeCloseTo(1.05, 12);
  expect(judged!.outcome).toBe('holds');
});

test.each([
  [[30.9, 30.92], 'better', 'holds'],
  [[29.1, 29.12], 'better', 'does not hold'],
  [[29.92, 29.94], 'better', 'does not hold'],
  [[29.92, 29.94], { within: 0.1 }, 'holds'],
  [[29.8, 29.84], { within: 0.1 }, 'does not hold'],
  [[29.85, 29.97], { within: 0.1 }, 'undecided'],
] as const)('%j against 30 dB, expected %j: %s', (values, expected, outcome) => {
  expect(judge(records(values), records([30, 30]), metric, expected)!.outcome).toBe(outcome);
});

test('seeds of a picture count as their mean', () => {
  const ours = [...records([30, 40], 0), ...records([32, 42], 1)];
  const judged = judge(ours, records([30, 40]), metric, 'better');
  expect(judged).toMatchObject({ gain: 1, error: 0, pictures: 2, outcome: 'holds' });
});

test('pictures that only one has, or whose figure is infinite, are left out', () => {
  const ours = records([31, Number.POSITIVE_INFINITY, 33, 50]);
  const judged = judge(ours, records([30, 30, 30]), metric, 'better');
  expect(judged).toMatchObject({ gain: 2, pictures: 2 });
  expect(judge(records([31]), records([30]), metric, 'better')).toBeUndefined();
});
