import { expect, test } from 'vitest';
import { axisFor, shortNumber } from './plot.js';

test('a linear axis has round ticks around the values', () => {
  const axis = axisFor([0.013, 0.094], false);
  expect(axis.ticks).toEqual([0, 0.02, 0.04, 0.06, 0.08, 0.1]);
  expect([axis.from, axis.to, axis.position(0.05)]).toEqual([0, 0.1, 0.5]);
  expect(axisFor([7, 7], false).position(7)).toBeLessThanOrEqual(1);
  expect(axisFor([], false)).toMatchObject({ from: 0, to: 1 });
});

test('a logarithmic axis puts equal ratios equally far apart and leaves out zero', () => {
  const axis = axisFor([0, 0.01, 1], true);
  expect(axis.from).toBeCloseTo(0.01 / 1.05);
  expect(axis.position(0.1)).toBeCloseTo(0.5);
  expect(axis.position(1) - axis.position(0.1)).toBeCloseTo(
    axis.position(0.1) - axis.position(0.01),
  );
  expect(axis.ticks).toContain(0.1);
  for (const tick of axis.ticks) expect(axis.position(tick)).toBeGreaterThanOrEqual(0);
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
