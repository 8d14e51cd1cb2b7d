import { expect, test } from 'vitest';
import { resizeBicubic } from '../degradation/bicubic-resize.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { addPowerSpectra, Fft, transformSquare } from './fft.js';
import { logSpectralDistance, radialSpectrum } from './log-spectral.js';

/** Numbers in [0, 1) that look random. */
function hash(index: number): number {
  let h = Math.imul(index + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

function grey(height: number, width: number, value: (y: number, x: number) => number): Tensor {
  const plane = Float32Array.from({ length: height * width }, (_, index) =>
    value(Math.floor(index / width), index % width),
  );
  return tensor([3, height, width], [...plane, ...plane, ...plane]);
}

const noise = (height: number, width: number, seed = 0, deviation = 0.05) =>
  grey(
    height,
    width,
    (y, x) => 0.5 + deviation * Math.sqrt(12) * (hash(seed + y * width + x) - 0.5),
  );

test('the FFT equals the sum that defines it', () => {
  const size = 16;
  const real = Float64Array.from({ length: size }, (_, index) => hash(index));
  const imaginary = Float64Array.from({ length: size }, (_, index) => hash(index + 99));
  const expected = Array.from({ length: size }, (_, k) => {
    let re = 0;
    let im = 0;
    for (let n = 0; n < size; n++) {
      const angle = (-2 * Math.PI * k * n) / size;
      re += real[n]! * Math.cos(angle) - imaginary[n]! * Math.sin(angle);
      im += real[n]! * Math.sin(angle) + imaginary[n]! * Math.cos(angle);
    }
    return [re, im];
  });
  new Fft(size).transform(real, imaginary);
  expected.forEach(([re, im], k) => {
    expect(real[k]).toBeCloseTo(re!, 12);
    expect(imaginary[k]).toBeCloseTo(im!, 12);
  });
});

test('the power spectrum of a wave lies at its two frequencies', () => {
  const size = 8;
  const wave = Float64Array.from(
    { length: 64 },
    (_, index) =>
      3 * Math.cos((2 * Math.PI * (2 * Math.floor(index / 8) + 3 * (index % 8))) / size),
  );
  const power = new Float64Array(64);
  addPowerSpectra(wave, undefined, size, power);
  power.forEach((value, index) => {
    const isPeak = index === 2 * 8 + 3 || index === 6 * 8 + 5;
    expect(value).toBeCloseTo(isPeak ? (3 * 32) ** 2 : 0, 8);
  });
});

test('two blocks add what each of them has', () => {
  const size = 16;
  const blocks = [0, 1].map((block) =>
    Float64Array.from({ length: size ** 2 }, (_, index) => hash(block * 1000 + index)),
  );
  const expected = new Float64Array(size ** 2).fill(5);
  for (const block of blocks) {
    const [real, imaginary] = [block.slice(), new Float64Array(size ** 2)];
    transformSquare(real, imaginary, size);
    for (const index of expected.keys())
      expected[index]! += real[index]! ** 2 + imaginary[index]! ** 2;
  }
  const power = new Float64Array(size ** 2).fill(5);
  addPowerSpectra(blocks[0]!, blocks[1], size, power);
  for (const [index, value] of power.entries())
    expect(Math.abs(value - expected[index]!)).toBeLessThan(1e-10 * (1 + expected[index]!));
});

test('white noise has a flat spectrum at its variance', () => {
  const data = Float64Array.from(
    { length: 512 * 512 },
    (_, index) => 20 * Math.sqrt(12) * hash(index),
  );
  const spectrum = radialSpectrum({ height: 512, width: 512, data }, 64);
  expect(spectrum.length).toBe(32);
  for (const level of spectrum.subarray(2)) expect(level).toBeCloseTo(20 * Math.log10(20), -0.1);
});

test('equal images and flat images of any shade are at distance 0', () => {
  const metric = logSpectralDistance.open();
  const image = noise(100, 70);
  expect(metric.measure(image, image)).toBe(0);
  const shade = (value: number) => grey(20, 20, () => value);
  expect(metric.measure(shade(0.9), shade(0.2))).toBeCloseTo(0, 6);
});

test('twice the contrast is 6 dB away, and the distance is symmetric', () => {
  const metric = logSpectralDistance.open();
  const weak = noise(128, 128, 0, 0.05);
  const strong = noise(128, 128, 0, 0.1);
  expect(metric.measure(strong, weak)).toBeCloseTo(20 * Math.log10(2), 1);
  expect(metric.measure(weak, strong)).toBe(metric.measure(strong, weak));
});

test('other noise of the same kind is near, though every pixel differs; blur is far', () => {
  const metric = logSpectralDistance.open();
  const target = noise(256, 256);
  const sibling = noise(256, 256, 1_000_003);
  const blurred = resizeBicubic(resizeBicubic(target, { scale: 0.25 }), { scale: 4 });
  expect(metric.measure(sibling, target)).toBeLessThan(1.5);
  expect(metric.measure(blurred, target)).toBeGreaterThan(10);
});

test('the far edge counts, the border does not', () => {
  const flat = grey(70, 300, () => 0.5);
  const marked = grey(70, 300, (y, x) => (x >= 290 && y >= 60 && (x + y) % 2 ? 1 : 0.5));
  expect(logSpectralDistance.open().measure(marked, flat)).toBeGreaterThan(0.5);
  expect(logSpectralDistance.open({ border: 10 }).measure(marked, flat)).toBe(0);
});

test('it says how it is to be read, and refuses what it cannot', () => {
  const metric = logSpectralDistance.open({ border: 4 });
  expect(metric).toMatchObject({ direction: 'lower', unit: 'dB', colourSpace: 'luma', border: 4 });
  const small = grey(15, 30, () => 0.5);
  expect(() => metric.measure(small, small)).toThrow(ParameterError);
  expect(() => metric.measure(small, small)).toThrow(/at least 8 x 8/);
  const nan = grey(20, 20, () => Number.NaN);
  expect(() => metric.measure(nan, nan)).toThrow(/finite/);
});
