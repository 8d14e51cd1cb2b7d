import { expect, test } from 'vitest';
import { type Point, smoothed, thinned } from './run-record.js';

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
