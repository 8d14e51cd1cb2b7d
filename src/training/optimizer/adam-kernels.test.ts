import { expect, test } from 'vitest';
import { sample } from '../../graph/testing/tensors.js';
import { type AdamNumbers, CHUNK, moveByAdam, sumOfSquares, writeSum } from './adam-kernels.js';

const { fround } = Math;
const lengths = [0, 1, 2, 3, 4, 5, 63, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 6];

const array = (length: number, seed: number, low = -1): Float32Array =>
  sample([length], seed, { low }).data;

const numbers: AdamNumbers = {
  ...{ beta1: 0.9, rest1: 0.05, beta2: 0.999, rest2: 0.00025 },
  ...{ decay: 1e-4, size: 1e-2, least: 1e-9 },
};

/** Arrays of made-up values; second moments are not below 0. */
function stateOf(length: number, seed = 1) {
  return {
    parameter: array(length, seed),
    first: array(length, seed + 1),
    second: array(length, seed + 2, 0),
    average: array(length, seed + 3),
  };
}

/** The formulas for one entry, each operation rounded to single precision. */
function moved(state: ReturnType<typeof stateOf>, gradient: Float32Array, rest: number) {
  const [beta1, rest1, beta2, rest2] = [
    fround(numbers.beta1),
    fround(numbers.rest1),
    fround(numbers.beta2),
    fround(numbers.rest2),
  ];
  const { decay, size, least } = numbers;
  const entries = Array.from(gradient, (g, i) => {
    const m = fround(fround(beta1 * state.first[i]!) + fround(rest1 * g));
    const v = fround(fround(beta2 * state.second[i]!) + fround(fround(rest2 * g) * g));
    const divisor = fround(fround(Math.sqrt(v)) + fround(least));
    const change = fround(fround(fround(size) * m) / divisor);
    const old = state.parameter[i]!;
    const p = fround(old - fround(fround(fround(decay) * old) + change));
    const a = state.average[i]!;
    return { p, m, v, a: fround(a + fround(fround(rest) * fround(p - a))) };
  });
  return {
    parameter: Float32Array.from(entries, ({ p }) => p),
    first: Float32Array.from(entries, ({ m }) => m),
    second: Float32Array.from(entries, ({ v }) => v),
    average: Float32Array.from(entries, ({ a }) => a),
  };
}

test.each(lengths)('%i entries are updated to the bits of the formulas', (length) => {
  const state = stateOf(length);
  const gradient = array(length, 9);
  const expected = moved(state, gradient, 0.01);
  expect(moveByAdam(state, gradient, numbers, 0.01)).toBe(true);
  expect(state).toEqual(expected);
});

test('without an average nothing else changes', () => {
  const { average, ...state } = stateOf(CHUNK + 3);
  const { average: _, ...expected } = moved({ ...state, average }, array(CHUNK + 3, 9), 0.01);
  moveByAdam(state, array(CHUNK + 3, 9), numbers, 0.01);
  expect(state).toEqual(expected);
});

test.each(lengths)('%i sums are those of single precision, with their squares', (length) => {
  const [one, other] = [array(length, 3), array(length, 4)];
  const expected = Float32Array.from(one, (value, i) => value + other[i]!);
  const squares = expected.reduce((total, value) => total + value * value, 0);
  const sum = new Float32Array(length);
  const given = writeSum(one, other, sum);
  expect(sum).toEqual(expected);
  expect(Math.abs(given - squares)).toBeLessThanOrEqual(1e-12 * squares);
  expect(sumOfSquares(expected)).toBe(given);
  expect(writeSum(one, other, one)).toBe(given);
  expect(one).toEqual(expected);
});

test('arrays that threads share are worked on as others are', () => {
  const plain = stateOf(CHUNK + 5);
  const shared = Object.fromEntries(
    Object.entries(plain).map(([name, values]) => {
      const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
      copy.set(values);
      return [name, copy];
    }),
  ) as typeof plain;
  const gradient = array(CHUNK + 5, 9);
  for (const state of [plain, shared]) moveByAdam(state, gradient, numbers, 0.5);
  for (const name of ['parameter', 'first', 'second', 'average'] as const)
    expect([...shared[name]]).toEqual([...plain[name]]);
});

test.each(['parameter', 'second'] as const)('a %s that is not finite is told', (name) => {
  for (const length of [1, 6, CHUNK + 2])
    for (const at of [0, length - 1])
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const state = stateOf(length);
        state[name][at] = bad;
        expect(moveByAdam(state, array(length, 9), numbers, 0.5)).toBe(false);
      }
});

test('squares beyond single precision are told, and those within it are kept', () => {
  const state = stateOf(3);
  expect(moveByAdam(state, Float32Array.of(0, 1e20, 0), numbers, 0.5)).toBe(true);
  expect(state.second[1]! / 2.5e36).toBeCloseTo(1, 5);
  expect(moveByAdam(state, Float32Array.of(0, 0, 3e38), numbers, 0.5)).toBe(false);
});

test('sums of squares show what is not finite, and overflow for no finite entries', () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const values = array(CHUNK + 7, 3);
    values[CHUNK + 6] = bad;
    expect(Number.isFinite(sumOfSquares(values))).toBe(false);
  }
  const large = new Float32Array(CHUNK + 1).fill(3e38);
  expect(sumOfSquares(large) / (large.length * large[0]! ** 2)).toBeCloseTo(1, 12);
});

test('a divisor of nothing is no failure where there is something to divide by', () => {
  const state = stateOf(1);
  expect(moveByAdam(state, Float32Array.of(1), { ...numbers, least: 0 }, 0.5)).toBe(true);
});
