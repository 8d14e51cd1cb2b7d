import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { type Camera, drawCamera, processToSrgb, unprocess } from './camera.js';
import { applyColourMatrix, invertColourMatrix } from './colour-matrix.js';
import { compressGamma, expandGamma } from './gamma.js';
import { applyToneCurve, invertToneCurve } from './tone-curve.js';

function largestDifference(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape);
  return a.data.reduce((largest, value, at) => Math.max(largest, Math.abs(value - b.data[at]!)), 0);
}

const ramp = tensor(
  [1, 1, 257],
  Float32Array.from({ length: 257 }, (_, at) => at / 256),
);

function picture(seed: number, low: number, high: number): Tensor {
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
  const image = picture(1, 0.35, 0.65);
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
  const image = picture(2, 0, 1);
  const before = image.data.slice();
  const camera = drawCamera(0, 0);
  processToSrgb(unprocess(image, camera), camera);
  expect(image.data).toEqual(before);
  expect(() => unprocess(tensor([1, 2, 2]), camera)).toThrow(ParameterError);
  expect(() => applyColourMatrix(tensor([3, 4]), camera.rgbToCamera)).toThrow(/image/);
});
