import { expect, test } from 'vitest';
import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { logSpectralDistance } from '../../metrics/log-spectral.js';
import { psnr } from '../../metrics/psnr.js';
import { tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { reduceByFour, renderSample } from './sample.js';

const sample = renderSample(128);

test('the sample is the same every time and holds values of an 8-bit file', () => {
  expect(sample.shape).toEqual([3, 128, 128]);
  const again = renderSample(128);
  expect(again.data.every((value, index) => value === sample.data[index])).toBe(true);
  const isByte = (value: number) => Math.fround(Math.round(value * 255) / 255) === value;
  expect(sample.data.every((value) => value >= 0 && value <= 1 && isByte(value))).toBe(true);
});

test('a larger rendering shows the same scene in more detail', () => {
  const reduced = resizeBicubic(renderSample(256), { scale: 0.5 });
  expect(psnr.open().measure(reduced, sample)).toBeGreaterThan(24);
});

test('reducing the sample loses detail that enlarging does not bring back', () => {
  const enlarged = resizeBicubic(reduceByFour(sample), { scale: 4 });
  expect(logSpectralDistance.open().measure(enlarged, sample)).toBeGreaterThan(5);
});

test('the sky is smooth and the sign is not', () => {
  const steps = (top: number, bottom: number, left: number, right: number) => {
    let largest = 0;
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++)
        largest = Math.max(
          largest,
          Math.abs(sample.data[y * 128 + x]! - sample.data[y * 128 + x + 1]!),
        );
    return largest;
  };
  expect(steps(32, 38, 96, 120)).toBeLessThan(0.1);
  expect(steps(93, 102, 8, 60)).toBeGreaterThan(0.4);
});

test('the low-resolution image is the bicubic reduction rounded to 8 bits', () => {
  const low = reduceByFour(sample);
  const exact = resizeBicubic(sample, { scale: 0.25 });
  expect(low.shape).toEqual([3, 32, 32]);
  low.data.forEach((value, index) => {
    const clamped = Math.min(1, Math.max(0, exact.data[index]!));
    expect(Math.abs(value - clamped)).toBeLessThanOrEqual(0.5 / 255 + 1e-6);
    expect(Math.fround(Math.round(value * 255) / 255)).toBe(value);
  });
});

test('sizes that do not fit are refused by name', () => {
  expect(() => renderSample(8)).toThrow(ParameterError);
  expect(() => renderSample(100.5)).toThrow(/size: expected an integer from 16 to 4096/);
  expect(() => reduceByFour(tensor([3, 8, 10]))).toThrow(/target: expected sides/);
});
