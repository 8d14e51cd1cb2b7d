import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeSafetensors } from '../tensor/safetensors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { resizeBicubic } from './bicubic-resize.js';

const reference = decodeSafetensors(
  readFileSync(new URL('../../conformance/bicubic-matlab.safetensors', import.meta.url)),
).tensors as ReadonlyMap<string, Tensor>;

function largestDifference(a: Tensor, b: Tensor): number {
  return a.data.reduce(
    (worst, value, index) => Math.max(worst, Math.abs(value - b.data[index]!)),
    0,
  );
}

function ramp(height: number, width: number): Tensor {
  return tensor(
    [height, width],
    Float32Array.from(
      { length: height * width },
      (_, index) => 0.25 * Math.floor(index / width) + 0.5 * (index % width),
    ),
  );
}

test.each([
  ['div4', 1 / 4],
  ['div3', 1 / 3],
  ['div2', 1 / 2],
  ['mul2', 2],
  ['mul4', 4],
])('%s equals MATLAB, by factor and by size', (name, scale) => {
  const expected = reference.get(name)!;
  const [, height, width] = expected.shape as [number, number, number];
  for (const target of [{ scale }, { height, width }]) {
    const result = resizeBicubic(reference.get('input')!, target);
    expect(result.shape).toEqual(expected.shape);
    expect(largestDifference(result, expected)).toBeLessThan(1e-6);
  }
});

test('a factor rounds sides up, and the grid follows the factor rather than the rounded side', () => {
  expect(resizeBicubic(ramp(11, 13), { scale: 1 / 4 }).shape).toEqual([3, 4]);
  expect(resizeBicubic(ramp(3, 9), { scale: 0.1 }).shape).toEqual([1, 1]);
  expect(resizeBicubic(ramp(49, 10), { scale: 1 / 49 }).shape).toEqual([1, 1]);
  const centre = resizeBicubic(ramp(1, 41), { scale: 1 / 4 }).data[5]!;
  expect(centre).toBeCloseTo(0.5 * (5.5 * 4 - 0.5), 5);
});

test('a constant stays constant, an unchanged size changes nothing', () => {
  const flat = tensor([2, 5, 7], new Float32Array(70).fill(0.3));
  expect(
    resizeBicubic(flat, { height: 3, width: 16 }).data.every((v) => Math.abs(v - 0.3) < 1e-6),
  ).toBe(true);
  const image = reference.get('input')!;
  expect(resizeBicubic(image, { scale: 1 })).toEqual(image);
});

test('a linear ramp is reproduced away from the border, each side by its own factor', () => {
  const result = resizeBicubic(ramp(40, 60), { height: 10, width: 90 });
  for (let y = 2; y < 8; y++)
    for (let x = 20; x < 70; x++) {
      const expected = 0.25 * ((y + 0.5) * 4 - 0.5) + 0.5 * ((x + 0.5) / 1.5 - 0.5);
      expect(result.data[y * 90 + x]).toBeCloseTo(expected, 4);
    }
});

test('transposing the image transposes the result', () => {
  const image = ramp(9, 14);
  image.data[37] = 40;
  const transposed = tensor([14, 9]);
  for (let y = 0; y < 9; y++)
    for (let x = 0; x < 14; x++) transposed.data[x * 9 + y] = image.data[y * 14 + x]!;
  const result = resizeBicubic(image, { height: 4, width: 30 });
  const other = resizeBicubic(transposed, { height: 30, width: 4 });
  for (let y = 0; y < 4; y++)
    for (let x = 0; x < 30; x++) expect(other.data[x * 4 + y]).toBe(result.data[y * 30 + x]);
});

test('images smaller than the kernel mirror repeatedly', () => {
  const result = resizeBicubic(tensor([1, 2], [0, 1]), { height: 1, width: 1 });
  expect(result.data[0]).toBeCloseTo(0.5, 6);
  expect(
    resizeBicubic(tensor([1, 1], [0.7]), { scale: 4 }).data.every((v) => Math.abs(v - 0.7) < 1e-6),
  ).toBe(true);
});

test('wrong arguments are named', () => {
  expect(() => resizeBicubic(ramp(4, 4), { scale: 0 })).toThrow(ParameterError);
  expect(() => resizeBicubic(ramp(4, 4), { scale: Number.NaN })).toThrow(withSubject('scale'));
  expect(() => resizeBicubic(ramp(4, 4), { height: 2.5, width: 4 })).toThrow(withSubject('height'));
  expect(() => resizeBicubic(ramp(4, 4), { height: 2, width: 0 })).toThrow(withSubject('width'));
  expect(() => resizeBicubic(tensor([4]), { scale: 2 })).toThrow(withSubject('image'));
  expect(() => resizeBicubic(tensor([3, 0, 4]), { scale: 2 })).toThrow(/at least one pixel/);
});
