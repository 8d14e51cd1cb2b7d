import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import {
  applyToneCurve,
  compressGamma,
  expandGamma,
  invertToneCurve,
  linearToSrgb,
  srgbToLinear,
  transferOf,
} from './transfer-curves.js';

const values = Float32Array.from({ length: 2001 }, (_, at) => at / 2000);

function decoded(light: 'srgb' | 'camera' | 'display'): Float32Array {
  const result = new Float32Array(values.length);
  transferOf(light).decode(values, 0, values.length, result, 0);
  return result;
}

function encoded(light: 'srgb' | 'camera' | 'display'): Float32Array {
  const result = values.slice();
  transferOf(light).encode(result);
  return result;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, value, at) => Math.max(worst, Math.abs(value - b[at]!)), 0);
}

test('tables follow the sRGB curve', () => {
  expect(largestDifference(decoded('srgb'), values.map(srgbToLinear))).toBeLessThan(1e-6);
  expect(largestDifference(encoded('srgb'), values.map(linearToSrgb))).toBeLessThan(1e-5);
});

test('the sRGB curve meets its published points and inverts itself', () => {
  expect(srgbToLinear(0.5)).toBeCloseTo(0.21404114, 7);
  expect(linearToSrgb(0.18)).toBeCloseTo(0.46135612, 7);
  for (const value of values) expect(linearToSrgb(srgbToLinear(value))).toBeCloseTo(value, 6);
});

test('tables follow gamma and tone curve of the camera', () => {
  const whole = tensor([values.length], values);
  const light = expandGamma(invertToneCurve(whole)).data;
  // The inverse tone curve is infinitely steep at white, where a table cannot follow it.
  const most = values.length - 10;
  expect(
    largestDifference(decoded('camera').subarray(0, most), light.subarray(0, most)),
  ).toBeLessThan(2e-5);
  const display = applyToneCurve(compressGamma(whole)).data;
  expect(largestDifference(encoded('camera'), display)).toBeLessThan(1e-5);
});

test.each(['srgb', 'camera', 'display'] as const)(
  '%s light goes back to the display value',
  (light) => {
    const back = decoded(light);
    transferOf(light).encode(back);
    expect(largestDifference(back, values)).toBeLessThan(2e-5);
    const ends = new Float32Array(4);
    transferOf(light).decode(Float32Array.of(-1, 0, 1, 2), 0, 4, ends, 0);
    expect([...ends]).toEqual([0, 0, 1, 1]);
  },
);
