import { expect, test } from 'vitest';
import { drawBetween } from './draws.js';

function draws(law: 'uniform' | 'log-uniform'): number[] {
  return Array.from({ length: 4000 }, (_, sample) =>
    drawBetween({ seed: 5, step: 1, sample }, 0.01, 1, law),
  );
}

function share(values: readonly number[], bound: number): number {
  return values.filter((value) => value < bound).length / values.length;
}

test('a uniform law spreads evenly between its bounds', () => {
  const values = draws('uniform');
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0.01);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(share(values, 0.01 + 0.99 * 0.25)).toBeCloseTo(0.25, 1);
  expect(share(values, 0.01 + 0.99 * 0.75)).toBeCloseTo(0.75, 1);
});

test('a log-uniform law gives every decade its share', () => {
  const values = draws('log-uniform');
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0.01);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(share(values, 0.1)).toBeCloseTo(0.5, 1);
});
