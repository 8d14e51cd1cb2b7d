import { expect, test } from 'vitest';
import { learningRateAt } from './learning-rate.js';

const cosine = {
  learningRate: 1e-3,
  schedule: { kind: 'cosine', final: 0.1 },
  warmup: 0,
  steps: 101,
} as const;
const decay = {
  learningRate: 1e-3,
  schedule: { kind: 'step', factor: 0.5, every: 10 },
  warmup: 0,
  steps: 100,
} as const;

test('a cosine falls from the learning rate to its final share, half-way at half time', () => {
  expect(learningRateAt(1, cosine)).toBeCloseTo(1e-3, 15);
  expect(learningRateAt(51, cosine)).toBeCloseTo(0.55e-3, 15);
  expect(learningRateAt(101, cosine)).toBeCloseTo(1e-4, 15);
  for (let step = 2; step <= 101; step += 1)
    expect(learningRateAt(step, cosine)).toBeLessThan(learningRateAt(step - 1, cosine));
});

test('a cosine of one step is at its height, and stays low after its end', () => {
  expect(learningRateAt(1, { ...cosine, steps: 1 })).toBe(1e-3);
  expect(learningRateAt(500, cosine)).toBeCloseTo(1e-4, 15);
});

test('a step decay multiplies after every so many steps', () => {
  expect([1, 10, 11, 20, 21].map((step) => learningRateAt(step, decay))).toEqual([
    1e-3, 1e-3, 5e-4, 5e-4, 2.5e-4,
  ]);
});

test("the paper's fusion schedule is 1e-4 * 0.99^floor(step / 1000)", () => {
  const paper = {
    learningRate: 1e-4,
    schedule: { kind: 'step', factor: 0.99, every: 1000 },
    warmup: 0,
    steps: 300_000,
  } as const;
  expect(learningRateAt(123_456, paper)).toBeCloseTo(1e-4 * 0.99 ** 123, 18);
});

test('a warm-up rises linearly from nothing and is over after its steps', () => {
  const warm = { ...decay, warmup: 4 };
  expect([1, 2, 3, 4, 5].map((step) => learningRateAt(step, warm))).toEqual([
    2.5e-4, 5e-4, 7.5e-4, 1e-3, 1e-3,
  ]);
});
