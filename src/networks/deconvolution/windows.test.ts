import { evaluateOn } from '../../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import { cutWindows, joinWindows, layOutWindows } from './windows.js';
import { expect, test } from 'vitest';

const sizes = [
  [16, 16],
  [5, 40],
  [17, 16],
  [29, 61],
  [100, 64],
] as const;

test.each(sizes)('windows of 16 cover %i x %i pixels and overlap by a quarter', (height, width) => {
  const layout = layOutWindows(height, width, 16);
  for (const [begins, window, extent] of [
    [layout.tops, layout.height, height],
    [layout.lefts, layout.width, width],
  ] as const) {
    expect(window).toBe(Math.min(extent, 16));
    expect(begins[0]).toBe(0);
    expect(begins.at(-1)! + window).toBe(extent);
    for (const [place, begin] of begins.entries())
      if (place > 0) expect(begins[place - 1]! + window - begin).toBeGreaterThanOrEqual(window / 4);
  }
});

test.each(sizes)('joined windows of %i x %i pixels are the picture', async (height, width) => {
  const x = sample([2, 3, height, width], 1);
  const layout = layOutWindows(height, width, 16);
  const found = await evaluateOn(
    (v) => joinWindows(cutWindows(v!, layout), layout, height, width),
    [x],
  );
  expectClose(found, x, 1e-6);
});

test('windows follow each other row by row, each with the whole batch', async () => {
  const x = sample([2, 1, 20, 24], 2);
  const layout = layOutWindows(20, 24, 16);
  const cut = await evaluateOn((v) => cutWindows(v!, layout), [x]);
  const places = layout.tops.flatMap((top) => layout.lefts.map((left) => [top, left] as const));
  expect(places.length).toBe(4);
  const expected = filled([8, 1, 16, 16], (n, c, row, column) => {
    const [top, left] = places[Math.floor(n! / 2)]!;
    return at(x, n! % 2, c!, top + row!, left + column!);
  });
  expectClose(cut, expected, 0);
});

test('where windows overlap one fades into the other', async () => {
  const layout = layOutWindows(4, 28, 16);
  const ones = filled([2, 1, 4, 16], (n) => n!);
  const { data } = await evaluateOn((v) => joinWindows(v!, layout, 4, 28), [ones]);
  const row = [...data.slice(0, 28)];
  expect(row.slice(0, 12).every((value) => value === 0)).toBe(true);
  expect(row.slice(16).every((value) => value === 1)).toBe(true);
  for (let place = 12; place < 17; place++) expect(row[place]!).toBeGreaterThan(row[place - 1]!);
});
