import { expect, test } from 'vitest';
import { alongColumns, alongRows, gaussianWeights, meanHalved, separable } from './filters.js';

const plane = { height: 2, width: 3, data: Float64Array.of(1, 2, 4, 8, 16, 32) };
const kernel = Float64Array.of(1, 10, 100);

test('kernels are applied as they stand, with edge pixels repeated or zeros beyond', () => {
  expect([...alongRows(plane, kernel).data]).toEqual([211, 421, 442, 1688, 3368, 3536]);
  expect([...alongRows(plane, kernel, 'zero').data]).toEqual([210, 421, 42, 1680, 3368, 336]);
  expect([...alongColumns(plane, kernel).data]).toEqual([811, 1622, 3244, 881, 1762, 3524]);
  expect([...alongColumns(plane, kernel, 'zero').data]).toEqual([810, 1620, 3240, 81, 162, 324]);
});

test('a long kernel is that of its definition, though it is wider than the plane', () => {
  const weights = gaussianWeights(2, 6);
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 15);
  const at = (row: number, column: number) =>
    plane.data[Math.min(1, Math.max(0, row)) * 3 + Math.min(2, Math.max(0, column))]!;
  let expected = 0;
  weights.forEach((down, i) => {
    weights.forEach((across, j) => {
      expected += down * across * at(1 + i - 6, 2 + j - 6);
    });
  });
  expect(separable(plane, weights).data[5]).toBeCloseTo(expected, 12);
});

test('halving takes means over 2 x 2 pixels, and of an odd side what lies beyond the edge', () => {
  expect([...meanHalved(plane).data]).toEqual([6.75, 18]);
  expect([...meanHalved(plane, 'zero').data]).toEqual([6.75, 9]);
  const column = { height: 3, width: 1, data: Float64Array.of(1, 3, 8) };
  expect([...meanHalved(column).data]).toEqual([2, 8]);
  expect([...meanHalved(column, 'zero').data]).toEqual([1, 2]);
});
