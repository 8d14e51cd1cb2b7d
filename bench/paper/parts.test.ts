import { expect, test } from 'vitest';
import { isLong, partsOf, stepsOf } from './parts.js';

const row = (name: string, method: string) => ({ name, method });
const none = row('none', 'bicubic');
const short = row('short', 'pack:sr4@tau=250@steps=25@sampler=ddim');
const long = row('long', 'pack:sr4@tau=250@steps=26@sampler=ddim');
const compare = (one: string, other: string) => ({
  ...{ says: 's', row: one, against: other, metrics: ['psnr'], expected: 'better' as const },
});

test('a row of more than 25 evaluations is long', () => {
  expect([none, short, long].map(stepsOf)).toEqual([0, 25, 26]);
  expect([none, short, long].map(isLong)).toEqual([false, false, true]);
});

test('long rows are measured on twenty photographs with one seed, beside the short ones', () => {
  const comparisons = [compare('short', 'none'), compare('long', 'short')];
  const parts = partsOf({ datasets: ['benchmark'], rows: [none, short, long], comparisons });
  expect(parts).toMatchObject([
    {
      ...{ list: 'bench/splits/bsds-benchmark.txt', seeds: [0, 1, 2] },
      ...{ rows: [none, short], comparisons: [compare('short', 'none')] },
    },
    {
      ...{ list: 'bench/splits/bsds-benchmark-20.txt', seeds: [0] },
      ...{ rows: [none, short, long], comparisons: [compare('long', 'short')] },
    },
  ]);
  expect(parts[1]!.title).toBe(
    'benchmark, the part for chains of more than 25 evaluations, seed 0',
  );
});

test('without long rows there is one part', () => {
  const given = { datasets: ['set5'] as const, rows: [none, short], comparisons: [] };
  expect(partsOf(given)).toMatchObject([{ list: undefined, seeds: [0, 1, 2] }]);
});
