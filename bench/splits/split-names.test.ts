import { expect, test } from 'vitest';
import { readNameList } from '../../src/datasets/list-folder.js';
import { ParameterError } from '../../src/utils/errors.js';
import { type Splits, splitFiles, splitNames } from './split-names.js';

const keys = Object.keys(splitFiles) as (keyof Splits)[];
const lists = Object.fromEntries(
  await Promise.all(keys.map(async (key) => [key, await readNameList(splitFiles[key])] as const)),
) as unknown as Splits;
const { benchmark, benchmarkSubset, tuning, experiments } = lists;

test('the lists are what the rule makes of all their names', () => {
  expect(splitNames([...benchmark, ...tuning, ...experiments])).toEqual(lists);
});

test('benchmark, tuning and experiments have no photograph in common', () => {
  const all = [...benchmark, ...tuning, ...experiments];
  expect(new Set(all).size).toBe(all.length);
  expect([benchmark.length, tuning.length, experiments.length]).toEqual([100, 50, 250]);
  expect(benchmarkSubset).toHaveLength(20);
  for (const name of benchmarkSubset) expect(benchmark).toContain(name);
});

test('every fourth name counts by its place in ascending order, whatever the order given', () => {
  const names = Array.from({ length: 70 }, (_, index) => `${index + 100}.jpg`);
  const splits = splitNames([...names].reverse());
  expect(splits.benchmark.slice(0, 3)).toEqual(['100.jpg', '104.jpg', '108.jpg']);
  expect(splits.benchmarkSubset.slice(0, 2)).toEqual(['100.jpg', '120.jpg']);
  expect(splits.tuning.slice(0, 4)).toEqual(['101.jpg', '102.jpg', '103.jpg', '105.jpg']);
  expect(splits.tuning).toHaveLength(50);
  expect(splits.experiments).toEqual(['167.jpg', '169.jpg']);
  expect(() => splitNames(['a', 'b', 'a'])).toThrow(ParameterError);
});
