import { expect, test } from 'vitest';
import { axisFor, shortNumber } from './axis.js';
import { type Point, smoothed, thinned } from './series.js';

function points(...values: number[]): Point[] {
  return values.map((value, index) => ({ step: index + 1, hours: index / 10, value }));
}

test('smoothing weighs newer points more, and early ones as a plain mean of what there is', () => {
  expect(smoothed(points(4, 4, 4), 2).map(({ value }) => value)).toEqual([4, 4, 4]);
  const [first, second, third] = smoothed(points(1, 0, 0), 2).map(({ value }) => value);
  expect(first).toBe(1);
  expect(second).toBeCloseTo(0.5 / 1.5);
  expect(third).toBeCloseTo(0.25 / 1.75);
  expect(smoothed(points(3, 1), 1)).toEqual(points(3, 1));
});

test('thinning keeps the mean, the last point and no more than asked for', () => {
  const many = points(...Array.from({ length: 1000 }, (_, index) => index % 10));
  const few = thinned(many, 100);
  expect(few).toHaveLength(100);
  expect(few.every(({ value }) => value === 4.5)).toBe(true);
  expect(few.at(-1)).toMatchObject({ step: 1000, hours: 99.9 });
  expect(thinned(many, 1000)).toEqual(many);
});

test('a linear axis has round ticks around the values', () => {
  const axis = axisFor([0.013, 0.094], false);
  expect(axis.ticks).toEqual([0, 0.02, 0.04, 0.06, 0.08, 0.1]);
  expect([axis.from, axis.to, axis.place(0.05)]).toEqual([0, 0.1, 0.5]);
  expect(axisFor([7, 7], false).place(7)).toBeLessThanOrEqual(1);
  expect(axisFor([], false)).toMatchObject({ from: 0, to: 1 });
});

test('a logarithmic axis puts equal ratios equally far apart and leaves out zero', () => {
  const axis = axisFor([0, 0.01, 1], true);
  expect(axis.from).toBeCloseTo(0.01 / 1.05);
  expect(axis.place(0.1)).toBeCloseTo(0.5);
  expect(axis.place(1) - axis.place(0.1)).toBeCloseTo(axis.place(0.1) - axis.place(0.01));
  expect(axis.ticks).toContain(0.1);
  for (const tick of axis.ticks) expect(axis.place(tick)).toBeGreaterThanOrEqual(0);
});

test('numbers are written short', () => {
  expect([0, 0.25, 12000, 1.5e6, 2e-5, 8.13e-4].map(shortNumber)).toEqual([
    '0',
    '0.25',
    '12 k',
    '1.5 M',
    '2e-5',
    '8.13e-4',
  ]);
});
