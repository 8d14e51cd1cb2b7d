import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inverseNormal, portableLog } from './random.js';

// Quantiles from 40-digit arithmetic (Newton steps on the complementary error function).
const quantiles: readonly (readonly [number, number])[] = [
  [1e-12, -7.034483825301132],
  [1.1641532182693481e-10, -6.3379577545537895],
  [1e-6, -4.753424308822899],
  [1e-3, -3.0902323061678136],
  [0.05, -1.6448536269514726],
];

test('quantiles agree with 40-digit arithmetic', () => {
  for (const [probability, expected] of quantiles) {
    // Near -0.5 the spacing of doubles limits how well q can name a tail.
    const q = probability - 0.5;
    const grain = (2 ** -54 / probability) * 0.3;
    expect(Math.abs(inverseNormal(q) / expected - 1)).toBeLessThan(2e-15 + grain);
  }
  expect(inverseNormal(-0.2)).toBeCloseTo(-0.5244005127080408, 15);
  expect(inverseNormal(-0.42)).toBeCloseTo(-1.4050715603096327, 14);
  expect(inverseNormal(0)).toBe(0);
});

test('the quantile is odd and increasing, also over the borders of its branches', () => {
  let last = Number.NEGATIVE_INFINITY;
  for (let i = -4999; i <= 4999; i++) {
    const value = inverseNormal(i / 10000);
    expect(value).toBeGreaterThan(last);
    expect(inverseNormal(-i / 10000) + value).toBe(0);
    last = value;
  }
});

test('the logarithm is right to a few units in the last place over the whole range', () => {
  for (let i = 0; i < 20000; i++) {
    const x = 2 ** ((i - 10000) / 10) * (1 + (i % 97) / 97);
    const exact = Math.log(x);
    expect(Math.abs(portableLog(x) - exact)).toBeLessThanOrEqual(
      4 * Number.EPSILON * Math.abs(exact),
    );
  }
  expect(portableLog(1)).toBe(0);
});

test('random numbers use no function that engines may round differently', () => {
  const portable = new Set(['Math.imul', 'Math.floor', 'Math.ceil', 'Math.min', 'Math.sqrt']);
  for (const file of ['random', 'image-noise']) {
    const source = readFileSync(new URL(`./${file}.ts`, import.meta.url), 'utf8');
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    for (const [name] of code.matchAll(/\bMath\.\w+/g)) expect(portable).toContain(name);
    expect(code).not.toMatch(/Math\s*\[|=\s*Math\b(?!\.)/);
  }
});
