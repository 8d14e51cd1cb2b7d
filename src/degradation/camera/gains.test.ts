import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { applyGains, drawGains, invertGainsSafely } from './gains.js';

const gains = { rgb: 1.25, red: 2, blue: 1.6 };

test('gains multiply their own channels, of RGB and of RGGB', () => {
  const rgb = applyGains(tensor([3, 1, 1], [0.1, 0.2, 0.3]), gains);
  const raw = applyGains(tensor([4, 1, 1], [0.1, 0.2, 0.24, 0.3]), gains);
  const close = (received: Float32Array, expected: number[]) =>
    expected.forEach((value, at) => {
      expect(received[at]).toBeCloseTo(value, 6);
    });
  close(rgb.data, [0.25, 0.25, 0.6]);
  close(raw.data, [0.25, 0.25, 0.3, 0.6]);
});

test('gains saturate at 1 and 0', () => {
  expect([...applyGains(tensor([3, 1, 1], [0.9, -0.1, 0.9]), gains).data]).toEqual([1, 0, 1]);
});

test('below the highlights the inversion is exact', () => {
  const image = tensor([3, 1, 3], [0.3, 0.899, 0, 0.5, 0.899, 0.2, 0.7, 0.899, 1]);
  const back = applyGains(invertGainsSafely(image, gains), gains);
  back.data.forEach((value, at) => {
    expect(value).toBeCloseTo(image.data[at]!, 6);
  });
});

test('white is not dimmed, and the factor rises smoothly from 0.9 to 1', () => {
  const levels = Array.from({ length: 101 }, (_, at) => 0.9 + at / 1000);
  const image = tensor([3, 1, 101], [...levels, ...levels, ...levels]);
  const { data } = invertGainsSafely(image, gains);
  const factors = levels.map((level, at) => data[at]! / level);
  expect(factors[0]).toBeCloseTo(1 / 2.5, 6);
  expect(factors[50]).toBeCloseTo(0.25 + 0.75 / 2.5, 4);
  expect(factors[100]).toBeCloseTo(1, 6);
  for (let at = 1; at < factors.length; at++)
    expect(factors[at]).toBeGreaterThanOrEqual(factors[at - 1]! - 1e-6);
});

test('a channel that would be brightened keeps its factor in the highlights', () => {
  const { data } = invertGainsSafely(tensor([3, 1, 1], [1, 1, 1]), { rgb: 0.8, red: 2, blue: 2 });
  expect(data[1]).toBeCloseTo(1.25, 6);
  expect(data[0]).toBeCloseTo(1, 6);
});

test('drawn gains follow their laws', () => {
  const n = 20_000;
  const draws = Array.from({ length: n }, (_, seed) => drawGains(seed, 0));
  const statistics = (values: number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
    return { mean, deviation: Math.sqrt(variance) };
  };
  const inverse = statistics(draws.map(({ rgb }) => 1 / rgb));
  expect(Math.abs(inverse.mean - 0.8)).toBeLessThan((4 * 0.1) / Math.sqrt(n));
  expect(Math.abs(inverse.deviation - 0.1)).toBeLessThan((4 * 0.1) / Math.sqrt(2 * n));
  for (const [colour, low, high] of [
    ['red', 1.9, 2.4],
    ['blue', 1.5, 1.9],
  ] as const) {
    const values = draws.map((draw) => draw[colour]);
    expect(values.every((value) => value >= low && value < high)).toBe(true);
    const { mean, deviation } = statistics(values);
    const law = (high - low) / Math.sqrt(12);
    expect(Math.abs(mean - (low + high) / 2)).toBeLessThan((4 * law) / Math.sqrt(n));
    expect(deviation / law).toBeCloseTo(1, 1);
  }
});

test('gains that are not positive and other shapes are refused', () => {
  const image = tensor([3, 1, 1]);
  expect(() => applyGains(image, { ...gains, red: 0 })).toThrow(ParameterError);
  expect(() => invertGainsSafely(image, { ...gains, rgb: Number.NaN })).toThrow(/rgb/);
  expect(() => applyGains(tensor([2, 1, 1]), gains)).toThrow(/image/);
  expect(() => invertGainsSafely(tensor([4, 1, 1]), gains)).toThrow(/image/);
});
