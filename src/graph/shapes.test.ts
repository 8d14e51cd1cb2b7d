import { expect, test } from 'vitest';
import { ParameterError } from '../utils/errors.js';
import { broadcastShapes, normalizeAxis, withExtent } from './shapes.js';

test.each([
  [[2, 3], [3], [2, 3]],
  [[], [4], [4]],
  [
    [5, 1, 2],
    [3, 1],
    [5, 3, 2],
  ],
  [[1], [1, 1], [1, 1]],
])('[%s] and [%s] broadcast to [%s]', (first, second, result) => {
  expect(broadcastShapes('add', first, second)).toEqual(result);
  expect(broadcastShapes('add', second, first)).toEqual(result);
});

test('extents that differ are refused in the words of the operator', () => {
  expect(() => broadcastShapes('add', [2, 3], [2, 4])).toThrow(/^add: .*\[2,3\] and \[2,4\]/);
});

test('axes count from either end', () => {
  expect([0, 2, -1, -3].map((axis) => normalizeAxis('flip', axis, 3))).toEqual([0, 2, 2, 0]);
});

test.each([3, -4, 0.5, Number.NaN])('there is no axis %d of three', (axis) => {
  expect(() => normalizeAxis('flip', axis, 3)).toThrow(ParameterError);
});

test('one extent is replaced', () => {
  expect(withExtent([2, 3, 4], 1, 9)).toEqual([2, 9, 4]);
});
