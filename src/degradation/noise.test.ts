import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { addSensorNoise, drawNoiseLevels } from './noise.js';

const side = 160;
const flat = (value: number) =>
  tensor([4, side, side], new Float32Array(4 * side * side).fill(value));

test('the variance is shot times signal plus read, around an unbiased mean', () => {
  const n = 4 * side * side;
  for (const signal of [0, 0.05, 0.4, 1])
    for (const levels of [
      { shot: 0.01, read: 0.0005 },
      { shot: 0.0002, read: 1e-7 },
    ]) {
      const { data } = addSensorNoise(flat(signal), levels, 11, 4);
      const law = levels.shot * signal + levels.read;
      const mean = data.reduce((sum, value) => sum + value, 0) / n;
      const variance = data.reduce((sum, value) => sum + (value - signal) ** 2, 0) / n;
      expect(Math.abs(mean - signal)).toBeLessThan(4 * Math.sqrt(law / n));
      expect(Math.abs(variance / law - 1)).toBeLessThan(4 * Math.sqrt(2 / n) + 1e-3);
    }
});

test('without noise the image is unchanged; a negative signal has the read noise alone', () => {
  const bright = tensor([3], [0.3, 0.5, 1]);
  expect(addSensorNoise(bright, { shot: 0, read: 0 }, 0, 0)).toEqual(bright);
  const dark = tensor([3], [-0.5, -0.1, 0]);
  expect(addSensorNoise(dark, { shot: 0.01, read: 0 }, 0, 0)).toEqual(dark);
});

test('noise is a function of seed and stream', () => {
  const levels = { shot: 0.01, read: 0.001 };
  const add = (seed: number, stream: number) =>
    addSensorNoise(tensor([8], new Float32Array(8).fill(0.5)), levels, seed, stream);
  expect(add(1, 2)).toEqual(add(1, 2));
  expect(add(1, 2)).not.toEqual(add(1, 3));
  expect(add(1, 2)).not.toEqual(add(2, 2));
});

test('drawn levels follow the log-linear law', () => {
  const n = 20_000;
  const draws = Array.from({ length: n }, (_, seed) => drawNoiseLevels(seed, 0));
  const low = Math.log(0.0001);
  const high = Math.log(0.012);
  const logShot = draws.map(({ shot }) => Math.log(shot));
  expect(logShot.every((value) => value >= low - 1e-9 && value < high + 1e-9)).toBe(true);
  const meanShot = logShot.reduce((sum, value) => sum + value, 0) / n;
  expect(Math.abs(meanShot - (low + high) / 2)).toBeLessThan(
    (4 * (high - low)) / Math.sqrt(12 * n),
  );
  const residuals = draws.map(({ read }, at) => Math.log(read) - 2.18 * logShot[at]! - 1.2);
  const mean = residuals.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(residuals.reduce((sum, value) => sum + value ** 2, 0) / n);
  expect(Math.abs(mean)).toBeLessThan((4 * 0.26) / Math.sqrt(n));
  expect(Math.abs(deviation - 0.26)).toBeLessThan((4 * 0.26) / Math.sqrt(2 * n));
  const correlation =
    residuals.reduce((sum, value, at) => sum + value * (logShot[at]! - meanShot), 0) / n;
  expect(Math.abs(correlation)).toBeLessThan((4 * 0.26 * (high - low)) / Math.sqrt(12 * n));
});

test('negative levels are refused', () => {
  expect(() => addSensorNoise(flat(0), { shot: -1, read: 0 }, 0, 0)).toThrow(ParameterError);
  expect(() => addSensorNoise(flat(0), { shot: 0, read: Number.NaN }, 0, 0)).toThrow(
    withSubject('read'),
  );
});
