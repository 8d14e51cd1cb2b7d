import { expect, test } from 'vitest';
import {
  inverse,
  relativePositions,
  shiftMask,
  type WindowGrid,
  windowCorners,
  windowOrder,
} from './swin-transformer.js';

const grid: WindowGrid = { height: 6, width: 4, window: 2, shift: 1 };

test('the windows hold every place once, each a square of the moved image', () => {
  const { whole, torn } = windowCorners(grid);
  const order = windowOrder(grid, [...whole, ...torn]);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, i) => i));
  expect(order.slice(0, 4)).toEqual([5, 6, 9, 10]);
  expect(inverse(order).map((place) => order[place])).toEqual(order.map((_, i) => i));
});

test('only windows at the last row or column are torn, and none without a shift', () => {
  expect(windowCorners(grid).torn).toEqual([
    [0, 2],
    [2, 2],
    [4, 0],
    [4, 2],
  ]);
  expect(windowCorners({ ...grid, shift: 0 }).torn).toEqual([]);
});

test('tokens see each other exactly where the shift kept them neighbours', () => {
  const { torn } = windowCorners(grid);
  const order = windowOrder(grid, torn);
  const { data, shape } = shiftMask(grid, torn);
  expect(shape).toEqual([torn.length, 1, 4, 4]);
  data.forEach((value, place) => {
    const window = Math.floor(place / 16);
    const [first, second] = [Math.floor(place / 4) % 4, place % 4].map(
      (token) => order[4 * window + token]!,
    ) as [number, number];
    const near =
      Math.abs(Math.floor(first / 4) - Math.floor(second / 4)) < 2 &&
      Math.abs((first % 4) - (second % 4)) < 2;
    expect(value === 0).toBe(near);
    if (!near) expect(Math.exp(value)).toBe(0);
  });
});

test('pairs of tokens with one offset share one row of the bias table', () => {
  const window = 3;
  const rows = relativePositions(window);
  const offsets = new Map<number, string>();
  rows.forEach((row, pair) => {
    const [query, key] = [Math.floor(pair / 9), pair % 9];
    const offset = `${Math.floor(query / 3) - Math.floor(key / 3)},${(query % 3) - (key % 3)}`;
    expect(offsets.get(row) ?? offset).toBe(offset);
    offsets.set(row, offset);
  });
  expect([...offsets.keys()].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 25 }, (_, i) => i),
  );
});
