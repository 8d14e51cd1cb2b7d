import { expect, test } from 'vitest';
import { dice, Noise } from './noise.js';

test('noise is smooth, in range, periodic, and another for another seed', () => {
  const noise = new Noise(1);
  const other = new Noise(2);
  let differs = 0;
  for (let index = 0; index < 500; index++) {
    const [x, y] = [index * 0.37 - 60, index * 0.19 - 40];
    const value = noise.at(x, y);
    expect(value >= 0 && value <= 1).toBe(true);
    expect(Math.abs(noise.at(x + 1e-4, y) - value)).toBeLessThan(4e-4);
    expect(noise.at(x + 128, y - 128)).toBeCloseTo(value, 9);
    const detailed = noise.octaves(x, y, 4);
    expect(detailed >= 0 && detailed <= 1).toBe(true);
    if (Math.abs(other.at(x, y) - value) > 0.1) differs++;
  }
  expect(differs).toBeGreaterThan(250);
});

test('dice give the same numbers for the same seed', () => {
  const [first, second] = [dice(5), dice(5)];
  const numbers = Array.from({ length: 100 }, () => first());
  expect(numbers).toEqual(Array.from({ length: 100 }, () => second()));
  expect(new Set(numbers).size).toBe(100);
});
