import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { normalAt } from '../../tensor/random.js';
import { signFlipP } from './sign-flip.js';

test('few differences: every assignment of signs counts', () => {
  expect(signFlipP([0.3, 0.1, 0.2, 0.4, 0.2, 0.1])).toBe(2 / 64);
  // Sums of ±1 ±2 ±3 that are at least 4 from zero: 6, 4 and their opposites.
  expect(signFlipP([-1, 2, 3])).toBe(4 / 8);
  expect(signFlipP([1])).toBe(1);
});

test('differences of nothing differ in nothing', () => {
  expect(signFlipP([0, 0, 0])).toBe(1);
});

test('p does not change with sign, order or scale', () => {
  const differences = Array.from({ length: 10 }, (_, index) => 0.3 + normalAt(5, 0, index));
  const p = signFlipP(differences);
  expect(signFlipP(differences.map((value) => -value))).toBe(p);
  expect(signFlipP(differences.map((value) => 1e-3 * value))).toBe(p);
  expect(signFlipP([...differences].reverse())).toBe(p);
});

test('drawn signs come near the exact share', () => {
  const differences = Array.from({ length: 12 }, (_, index) => 0.5 + normalAt(6, 0, index));
  const exact = signFlipP(differences, { permutations: 4096 });
  const drawn = signFlipP(differences, { permutations: 4095 });
  expect(Math.abs(drawn - exact)).toBeLessThan(0.03);
  expect(drawn).not.toBe(exact);
});

test('what differs everywhere has the least p, also beyond 32 photographs', () => {
  const differences = Array.from({ length: 70 }, (_, index) => 1 + 0.1 * normalAt(7, 0, index));
  expect(signFlipP(differences, { permutations: 999 })).toBe(1 / 1000);
});

test('without a difference p is small about as often as it says', () => {
  let rejected = 0;
  for (let trial = 0; trial < 400; trial++) {
    const differences = Array.from({ length: 40 }, (_, index) => normalAt(8, trial, index));
    if (signFlipP(differences, { permutations: 399 }) <= 0.1) rejected++;
  }
  // 10 % of 400 with a deviation of 1.5 %.
  expect(rejected / 400).toBeGreaterThan(0.05);
  expect(rejected / 400).toBeLessThan(0.15);
});

test.each([[[]], [[1, Number.NaN]]])('%j is refused', (differences) => {
  expect(() => signFlipP(differences)).toThrow(ParameterError);
});
