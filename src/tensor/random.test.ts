import { expect, test } from 'vitest';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { fillNormal, fillPhilox, integerAt, normalAt, uniform32, uniformAt } from './random.js';

function normalCdf(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-18; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

function digest(values: Float64Array): string {
  let hash = 0x811c9dc5;
  const view = new DataView(values.buffer);
  for (let i = 0; i < view.byteLength; i++) hash = Math.imul(hash ^ view.getUint8(i), 0x01000193);
  return (hash >>> 0).toString(16);
}

test('check vector: a seed means the same numbers on every machine', () => {
  // Confirmed by another implementation with 40-digit quantiles.
  const expected = [
    [0, 0.12362021454082617],
    [1, 0.46869735648510763],
    [2, -1.185221240615244],
    [3, 1.3802283061443186],
    [4, 1.362255925913188],
    [1e6, -1.2068835375006335],
    [2 ** 40, -1.492884693004094],
  ] as const;
  for (const [index, value] of expected) expect(normalAt(0, 0, index)).toBeCloseTo(value, 14);
  expect(normalAt(2 ** 53 - 1, 2 ** 32 - 1, 0)).toBeCloseTo(0.800955702849177, 14);
  expect(normalAt(2 ** 53 - 1, 2 ** 32 - 1, 2)).toBeCloseTo(-0.7352399472469087, 14);
  expect(uniformAt(1, 2, 3)).toBe(0.3496816168177781);
  expect(uniform32(1, 2, 3)).toBe(3077765035);
  expect(integerAt(1, 2, 3, 100)).toBe(34);
});

test('check vector: the bits of ten thousand deviates', () => {
  const values = new Float64Array(10_000);
  fillNormal(values, 20260101, 7);
  for (const value of values) expect(Math.abs(value)).toBeLessThan(6.34);
  const view = new DataView(values.buffer);
  values.forEach((value, i) => {
    view.setFloat64(8 * i, value, true);
  });
  expect(digest(values)).toBe('29a53891');
});

test('bulk equals pointwise, from any first index, also where the counter carries', () => {
  for (const first of [0, 1, 2, 3, 2045, 2 ** 34 - 5, 2 ** 53 - 2101]) {
    const bulk = new Float64Array(2100);
    const single = new Float32Array(2100);
    fillNormal(bulk, 99, 4, first);
    fillNormal(single, 99, 4, first);
    for (const i of [0, 1, 2, 3, 4, 5, 6, 2043, 2044, 2045, 2046, 2047, 2048, 2049, 2099]) {
      expect(bulk[i]).toBe(normalAt(99, 4, first + i));
      expect(single[i]).toBe(Math.fround(bulk[i]!));
    }
  }
});

test('moments and Kolmogorov-Smirnov distance are those of the normal law', () => {
  const n = 200_000;
  const values = new Float64Array(n);
  fillNormal(values, 3, 1);
  const moment = (power: number) => values.reduce((sum, x) => sum + x ** power, 0) / n;
  // Four standard errors of each sample moment.
  expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(n));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / n));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
  const sorted = values.slice().sort();
  let distance = 0;
  sorted.forEach((x, i) => {
    const p = normalCdf(x);
    distance = Math.max(distance, p - i / n, (i + 1) / n - p);
  });
  expect(distance).toBeLessThan(1.63 / Math.sqrt(n));
});

test('neighbouring places, streams and seeds are uncorrelated', () => {
  const n = 50_000;
  const draw = (seed: number, stream: number, first = 0) => {
    const values = new Float64Array(n);
    fillNormal(values, seed, stream, first);
    return values;
  };
  const base = draw(5, 5);
  for (const other of [
    draw(5, 5, 1),
    draw(5, 5, 4),
    draw(5, 6),
    draw(6, 5),
    draw(5 + 2 ** 32, 5),
  ]) {
    const correlation = base.reduce((sum, x, i) => sum + x * other[i]!, 0) / n;
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(n));
  }
});

test('uniforms and integers fill their ranges evenly', () => {
  const counts = new Array<number>(10).fill(0);
  let sum = 0;
  for (let i = 0; i < 50_000; i++) {
    const value = uniformAt(8, 0, i);
    expect(value >= 0 && value < 1).toBe(true);
    sum += value;
    counts[integerAt(8, 1, i, 10)]! += 1;
  }
  expect(Math.abs(sum / 50_000 - 0.5)).toBeLessThan(4 / Math.sqrt(12 * 50_000));
  const chiSquare = counts.reduce((total, count) => total + (count - 5000) ** 2 / 5000, 0);
  expect(chiSquare).toBeLessThan(27.9);
});

test('numbers out of range are refused by name', () => {
  expect(() => normalAt(-1, 0, 0)).toThrow(withSubject('seed'));
  expect(() => normalAt(2 ** 53, 0, 0)).toThrow(ParameterError);
  expect(() => normalAt(0.5, 0, 0)).toThrow(ParameterError);
  expect(() => normalAt(0, 2 ** 32, 0)).toThrow(withSubject('stream'));
  expect(() => normalAt(0, 0, -1)).toThrow(withSubject('index'));
  expect(() => fillNormal(new Float64Array(2), 0, 0, Number.MAX_SAFE_INTEGER)).toThrow(
    withSubject('index'),
  );
  expect(() => integerAt(0, 0, 0, 0)).toThrow(withSubject('bound'));
});

function block(counter: readonly number[], key: readonly number[]): string {
  const words = new Uint32Array(4);
  const [c0, c1, c2, c3] = counter;
  fillPhilox(words, 1, key[0]!, key[1]!, c0!, c1!, c2!, c3!);
  return [...words].map((word) => word.toString(16).padStart(8, '0')).join(' ');
}

test('the known answers published with Random123', () => {
  expect(block([0, 0, 0, 0], [0, 0])).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
  const ones = 0xffffffff;
  expect(block([ones, ones, ones, ones], [ones, ones])).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
  expect(block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toBe(
    'd16cfe09 94fdcceb 5001e420 24126ea1',
  );
});

test('consecutive blocks are the ciphers of consecutive counters, with carry', () => {
  const words = new Uint32Array(12);
  fillPhilox(words, 3, 11, 12, 0xfffffffe, 6, 7, 8);
  const separate = [
    [0xfffffffe, 6],
    [0xffffffff, 6],
    [0, 7],
  ].map(([c0, c1]) => {
    const one = new Uint32Array(4);
    fillPhilox(one, 1, 11, 12, c0!, c1!, 7, 8);
    return [...one];
  });
  expect([...words]).toEqual(separate.flat());
});
