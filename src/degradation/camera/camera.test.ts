import { expect, test } from 'vitest';
import { uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { withSubject } from '../../utils/testing/errors.js';
import {
  applyGains,
  type Camera,
  drawCamera,
  drawGains,
  invertGainsSafely,
  processToSrgb,
  unprocess,
} from './camera.js';
import { applyColourMatrix, invertColourMatrix } from './colour-matrix.js';
import { applyToneCurve, compressGamma, expandGamma, invertToneCurve } from './transfer-curves.js';

function largestDifference(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape);
  return a.data.reduce((largest, value, at) => Math.max(largest, Math.abs(value - b.data[at]!)), 0);
}

const ramp = tensor(
  [1, 1, 257],
  Float32Array.from({ length: 257 }, (_, at) => at / 256),
);

function testImage(seed: number, low: number, high: number): Tensor {
  return tensor(
    [3, 16, 16],
    Float32Array.from({ length: 768 }, (_, at) => low + (high - low) * uniformAt(seed, 0, at)),
  );
}

test('the tone curve is the cubic through (0, 0), (1/2, 1/2) and (1, 1)', () => {
  const { data } = applyToneCurve(tensor([4], [0, 0.25, 0.5, 1]));
  expect([...data]).toEqual([0, 0.15625, 0.5, 1]);
});

test('tone curve and gamma undo their inverses both ways', () => {
  expect(largestDifference(applyToneCurve(invertToneCurve(ramp)), ramp)).toBeLessThan(2e-7);
  expect(largestDifference(invertToneCurve(applyToneCurve(ramp)), ramp)).toBeLessThan(2e-4);
  const above = tensor([1, 1, 256], ramp.data.slice(1));
  expect(largestDifference(compressGamma(expandGamma(above)), above)).toBeLessThan(2e-7);
  expect(largestDifference(expandGamma(compressGamma(ramp)), ramp)).toBeLessThan(2e-7);
});

test('values out of range do not become NaN', () => {
  const wild = tensor([4], [-1, -1e-9, 1.0001, 7]);
  for (const step of [invertToneCurve, expandGamma, compressGamma])
    for (const value of step(wild).data) expect(value).not.toBeNaN();
  const edges = tensor([4], [0, 0, 1, 1]);
  expect(largestDifference(invertToneCurve(wild), edges)).toBeLessThan(1e-15);
});

test('processing undoes unprocessing where no channel saturates', () => {
  const image = testImage(1, 0.35, 0.65);
  for (let seed = 0; seed < 20; seed++) {
    const camera = drawCamera(seed, 0);
    expect(largestDifference(processToSrgb(unprocess(image, camera), camera), image)).toBeLessThan(
      2e-6,
    );
  }
});

test('white stays white and black black through both directions', () => {
  const image = tensor([3, 1, 2], [0, 1, 0, 1, 0, 1]);
  for (let seed = 0; seed < 20; seed++) {
    const camera = drawCamera(seed, 3);
    const sensor = unprocess(image, camera);
    expect(sensor.data.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(largestDifference(processToSrgb(sensor, camera), image)).toBeLessThan(1e-5);
  }
});

test('the order of the steps is tone, gamma, matrix, gains', () => {
  const camera: Camera = {
    gains: { rgb: 1.25, red: 2, blue: 1.6 },
    rgbToCamera: [0, 1, 0, 0, 0, 1, 1, 0, 0],
    cameraToRgb: invertColourMatrix([0, 1, 0, 0, 0, 1, 1, 0, 0]),
  };
  const linear = [0.1, 0.2, 0.3];
  const display = applyToneCurve(compressGamma(tensor([3, 1, 1], linear)));
  const { data } = unprocess(display, camera);
  expect(data[0]).toBeCloseTo(0.2 / 2.5, 6);
  expect(data[1]).toBeCloseTo(0.3 / 1.25, 6);
  expect(data[2]).toBeCloseTo(0.1 / 2, 6);
  expect(largestDifference(processToSrgb(tensor([3, 1, 1], data), camera), display)).toBeLessThan(
    1e-6,
  );
});

test('a camera is a function of seed and stream', () => {
  expect(drawCamera(5, 2)).toEqual(drawCamera(5, 2));
  expect(drawCamera(5, 2)).not.toEqual(drawCamera(6, 2));
  expect(drawCamera(5, 2)).not.toEqual(drawCamera(5, 3));
});

test('inputs are left as they are and other shapes refused', () => {
  const image = testImage(2, 0, 1);
  const before = image.data.slice();
  const camera = drawCamera(0, 0);
  processToSrgb(unprocess(image, camera), camera);
  expect(image.data).toEqual(before);
  expect(() => unprocess(tensor([1, 2, 2]), camera)).toThrow(ParameterError);
  expect(() => applyColourMatrix(tensor([3, 4]), camera.rgbToCamera)).toThrow(withSubject('image'));
});

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
  expect(() => invertGainsSafely(image, { ...gains, rgb: Number.NaN })).toThrow(withSubject('rgb'));
  expect(() => applyGains(tensor([2, 1, 1]), gains)).toThrow(withSubject('image'));
  expect(() => invertGainsSafely(tensor([4, 1, 1]), gains)).toThrow(withSubject('image'));
});
