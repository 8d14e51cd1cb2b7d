import { expect, test } from 'vitest';
import { uniformAt } from '../tensor/random.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { cropped } from '../tensor/window.js';
import { ParameterError } from '../utils/errors.js';
import { resizeBicubic } from './bicubic-resize.js';
import { createDegradation } from './create-degradation.js';
import { seedAt } from './degradation.js';
import { throughJpeg } from './jpeg.js';

const place = { seed: 3, index: 5 };

function textured(height: number, width: number): Tensor {
  const data = Float32Array.from({ length: 3 * height * width }, (_, at) => uniformAt(5, 0, at));
  return tensor([3, height, width], data);
}

const flat = (value: number, side = 200) =>
  tensor([3, side, side], new Float32Array(3 * side * side).fill(value));

function variance({ data }: Tensor, mean: number): number {
  return data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
}

test('noise has variance sigma squared plus shot times signal, around the signal', () => {
  const n = 3 * 200 * 200;
  for (const [sigma, shot] of [
    [0.1, 0],
    [0.02, 0.01],
    [0, 0.004],
  ])
    for (const signal of [0, 0.3, 0.9]) {
      const result = createDegradation({ kind: 'noise', sigma, shot }).apply(flat(signal), place);
      const law = sigma! ** 2 + shot! * signal;
      const mean = result.data.reduce((sum, value) => sum + value, 0) / n;
      expect(Math.abs(mean - signal)).toBeLessThan(4 * Math.sqrt(law / n) + 1e-7);
      expect(Math.abs(variance(result, signal) - law)).toBeLessThan(
        law * (4 * Math.sqrt(2 / n) + 1e-3) + 1e-12,
      );
    }
});

test.each(['uniform', 'log-uniform'])('levels of noise are drawn by the %s law', (law) => {
  const [minimum, maximum] = [0.01, 0.2];
  const { apply } = createDegradation({ kind: 'noise', sigma: { minimum, maximum }, law });
  const n = 300;
  const places = Array.from({ length: n }, (_, index) => {
    const sigma = Math.sqrt(variance(apply(flat(0.5, 24), { seed: 1, index }), 0.5));
    return law === 'uniform'
      ? (sigma - minimum) / (maximum - minimum)
      : Math.log(sigma / minimum) / Math.log(maximum / minimum);
  }).sort((a, b) => a - b);
  const distance = Math.max(...places.map((value, at) => Math.abs(value - (at + 0.5) / n)));
  // Kolmogorov-Smirnov, exceeded once in a thousand, and the error of a measured deviation.
  expect(distance).toBeLessThan(1.95 / Math.sqrt(n) + 0.02);
});

test('seeds of places and purposes differ', () => {
  const seeds = new Set<number>();
  for (let seed = 0; seed < 5; seed++)
    for (let index = 0; index < 20; index++)
      for (let purpose = 0; purpose < 3; purpose++) seeds.add(seedAt({ seed, index }, purpose));
  expect(seeds.size).toBe(300);
  expect([...seeds].every((seed) => Number.isSafeInteger(seed) && seed >= 0)).toBe(true);
});

test('bicubic reduction is that of resizeBicubic, in 8 bits if asked for', () => {
  const image = textured(24, 36);
  const exact = resizeBicubic(image, { scale: 1 / 3 });
  expect(
    createDegradation({ kind: 'bicubic', scale: 3, round: false }).apply(image, place),
  ).toEqual(exact);
  const { scale, margin, apply } = createDegradation({ kind: 'bicubic', scale: 3 });
  expect([scale, margin]).toEqual([3, 6]);
  apply(image, place).data.forEach((value, at) => {
    expect(Number.isInteger(Math.fround(value * 255))).toBe(true);
    const clamped = Math.min(1, Math.max(0, exact.data[at]!));
    expect(Math.abs(value - clamped)).toBeLessThan(0.5 / 255 + 1e-6);
  });
});

test.each(['bicubic', 'area', 'bilinear', 'nearest'])(
  '%s reduction keeps flat and sloping images',
  (method) => {
    for (const scale of [1, 1.5, 2, 2.7, 4]) {
      const { apply } = createDegradation({ kind: 'downscale', scale, method, round: false });
      const result = apply(flat(0.3, 41), place);
      const side = Math.ceil(41 / scale);
      expect(result.shape).toEqual([3, side, side]);
      expect(result.data.every((value) => Math.abs(value - 0.3) < 1e-6)).toBe(true);
      const slope = tensor(
        [3, 60, 60],
        Float32Array.from({ length: 10800 }, (_, at) => (at % 60) / 60),
      );
      const reduced = apply(slope, place);
      const width = reduced.shape[2]!;
      // Pixels of constant value, cut apart or unevenly weighted, are no exact slope.
      const exact = method === 'bilinear' || Number.isInteger(scale);
      const tolerance = method === 'nearest' ? 0.5001 / 60 : exact ? 1e-5 : 0.2 / 60;
      for (let x = 4; x < width - 4; x++) {
        const centre = ((x + 0.5) * scale - 0.5) / 60;
        const error = Math.abs(reduced.data[5 * width + x]! - centre);
        expect(error).toBeLessThan(tolerance);
      }
    }
  },
);

test('area reduction is the mean of what a pixel covers, parts included', () => {
  const data = Float32Array.from({ length: 15 }, (_, at) => (at % 5) / 4);
  const { apply } = createDegradation({
    kind: 'downscale',
    scale: 2.5,
    method: 'area',
    round: false,
  });
  const { shape, data: result } = apply(tensor([3, 1, 5], data), place);
  expect(shape).toEqual([3, 1, 2]);
  expect(result[0]).toBeCloseTo((0 + 1 + 0.5 * 2) / 2.5 / 4, 6);
  expect(result[1]).toBeCloseTo((0.5 * 2 + 3 + 4) / 2.5 / 4, 6);
});

test('a crop with its margin reduces as the whole does', () => {
  const image = textured(80, 80);
  for (const method of ['bicubic', 'area', 'bilinear', 'nearest'])
    for (const factor of [2, 3, 4]) {
      const { apply, margin } = createDegradation({ kind: 'downscale', scale: factor, method });
      expect(margin % factor).toBe(0);
      const whole = apply(image, place);
      const [start, side] = [24, 24];
      const square = (from: number, width: number) => ({
        ...{ left: from, top: from },
        ...{ width, height: width },
      });
      const part = cropped(image, square(start - margin, side + 2 * margin));
      expect(cropped(apply(part, place), square(margin / factor, side / factor))).toEqual(
        cropped(whole, square(start / factor, side / factor)),
      );
    }
});

test('a sequence applies its steps in order, each with random numbers of its own', () => {
  const image = textured(48, 48);
  const steps = [
    { kind: 'bicubic', scale: 2, round: false },
    { kind: 'noise', sigma: 0.05 },
    { kind: 'noise', sigma: 0.05 },
    { kind: 'jpeg', quality: 60 },
  ];
  const whole = createDegradation({ kind: 'sequence', steps });
  expect([whole.scale, whole.margin]).toEqual([2, 4 + 2 * 16]);
  const result = whole.apply(image, place);
  expect(result.shape).toEqual([3, 24, 24]);
  expect(whole.apply(image, place)).toEqual(result);
  const noisy = createDegradation({ kind: 'sequence', steps: steps.slice(0, 3) }).apply(
    image,
    place,
  );
  expect(throughJpeg(noisy, 60)).toEqual(result);
  // Noise of one step twice over would have a variance of four steps, not of two.
  const twice = createDegradation({ kind: 'sequence', steps: steps.slice(1, 3) });
  expect(variance(twice.apply(flat(0.5), place), 0.5) / (2 * 0.05 ** 2)).toBeCloseTo(1, 1);
});

test('settings are completed and checked, and the entry at fault is named', () => {
  const refused = (settings: unknown, message: RegExp) => {
    expect(() => createDegradation(settings)).toThrow(ParameterError);
    expect(() => createDegradation(settings)).toThrow(message);
  };
  refused({ kind: 'fog' }, /degradation\.kind: expected one of bicubic, .*received "fog"/);
  refused({}, /degradation\.kind/);
  refused(null, /degradation/);
  refused({ kind: 'noise' }, /degradation\.sigma/);
  refused({ kind: 'noise', sigma: -1 }, /degradation\.sigma: .*-1/);
  refused({ kind: 'noise', sigma: { minimum: 0.3, maximum: 0.1 } }, /degradation\.sigma.*minimum/);
  refused({ kind: 'noise', sigma: 0.1, colour: 1 }, /degradation\.colour: expected no such entry/);
  refused({ kind: 'motion-blur', strength: 'huge' }, /degradation\.strength/);
  refused({ kind: 'motion-blur', objects: { count: 1.5, path: 3 } }, /degradation\.objects\.count/);
  refused({ kind: 'jpeg', quality: 0 }, /degradation\.quality/);
  refused({ kind: 'downscale', scale: 0.5 }, /degradation\.scale/);
  refused({ kind: 'kernel-blur', kernel: [[1, 2], [3]] }, /kernel/);
  refused({ kind: 'kernel-blur', kernel: [[0]] }, /kernel/);
  refused({ kind: 'kernel-blur', kernel: [[1, -1]] }, /kernel.*negative/);
  refused(
    { kind: 'sequence', steps: [{ kind: 'jpeg', quality: 101 }] },
    /degradation\.steps\.0\.quality/,
  );
});
