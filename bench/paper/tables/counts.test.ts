import { expect, test } from 'vitest';
import { table07 } from './table-07.js';
import { table09 } from './table-09.js';
import { table11 } from './table-11.js';

const places = { data: 'nowhere', runs: 'nowhere' };

/** Rows by their first cells. */
async function rowsOf({ count }: typeof table07): Promise<Map<string, readonly string[]>> {
  const { tables } = await count(places);
  return new Map(tables.flatMap(({ rows }) => rows.map(({ cells }) => [cells[0]!, cells])));
}

test('the paper’s modules have the parameters that it states', async () => {
  const rows = await rowsOf(table07);
  const [, fusion, denoiser, restorer] = rows.get('super-resolution by 4')!;
  expect([fusion, denoiser, restorer]).toEqual(['731,267', '15,951,310', '11,900,199']);
  expect(rows.get('deblurring')![3]).toBe('16,560,474');
  expect(rows.get('bursts')![3]).toBe('4,915,665');
});

test('work is that of the restoration network and so many evaluations', async () => {
  const [, nfe, linear, all] = (await rowsOf(table09)).get('pack sr4')!;
  const [, once, each] = /^([\d.]+) \+ ([\d.]+) x evaluations$/.exec(linear!)!.map(Number);
  expect(Number(all)).toBeCloseTo(once! + each! * (Number(nfe) - 1), 2);
});

test('restoration networks have their place of publication', async () => {
  const cells = (await rowsOf(table11)).get('FFTformer, motion deblurring, trained on GoPro');
  expect(cells).toEqual([
    ...['FFTformer, motion deblurring, trained on GoPro', 'fftformer', '16,560,474'],
    ...['<https://github.com/kkkls/FFTformer>', 'MIT'],
  ]);
});
