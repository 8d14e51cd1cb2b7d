import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { gmsd } from './gmsd.js';
import { referencePairs } from './testing/reference-pairs.js';

/** By the authors' MATLAB code in Octave 7.3, on 0.299 R + 0.587 G + 0.114 B in double precision. */
const references: Readonly<Record<string, number>> = {
  'noise 96x80': 0.040698531673,
  'blur 96x80': 0.030285611899,
  'colour 97x75': 0.008457426165,
  'blur 97x75': 0.031364716813,
  'noise 256x192': 0.020172812168,
  'blur 256x192': 0.039379859447,
};

test.each(referencePairs())("$name equals the authors' score", ({ name, target, result }) => {
  expect(Math.abs(gmsd.open().measure(result, target) / references[name]! - 1)).toBeLessThan(1e-6);
});

test('it is symmetric, 0 for equal images, and the same whatever lies outside the border', () => {
  const [{ target, result }] = referencePairs() as [ReturnType<typeof referencePairs>[number]];
  expect(gmsd.open().measure(target, target)).toBe(0);
  expect(gmsd.open().measure(result, target)).toBeCloseTo(gmsd.open().measure(target, result), 12);
  const spoilt = tensor(result.shape, result.data.slice());
  spoilt.data[0] = 1 - spoilt.data[0]!;
  const inner = gmsd.open({ border: 2 });
  expect(inner.measure(spoilt, target)).toBe(inner.measure(result, target));
});

test('a step whose gradients are known', () => {
  // Halved, a row of 3 pixels 0 0 255 against one of zeros. By Prewitt over 3, with zeros beyond,
  // gradients are (0, 0), (85, 0) and (0, 0): only the middle pixel has a neighbour of 255.
  const [height, width] = [2, 6];
  const step = tensor(
    [3, height, width],
    Float32Array.from({ length: 36 }, (_, index) => (index % width < 4 ? 0 : 1)),
  );
  const similarity = 170 / (85 ** 2 + 170);
  const mean = (2 + similarity) / 3;
  const variance = (2 * (1 - mean) ** 2 + (similarity - mean) ** 2) / 2;
  expect(gmsd.open().measure(step, tensor([3, height, width]))).toBeCloseTo(Math.sqrt(variance), 6);
});

test('what cannot be compared is refused', () => {
  expect(() => gmsd.open().measure(tensor([3, 2, 2]), tensor([3, 2, 2]))).toThrow(ParameterError);
  expect(() => gmsd.open().measure(tensor([3, 8, 9]), tensor([3, 8, 8]))).toThrow(
    /the reference's/,
  );
  const broken = tensor([3, 8, 8], new Float32Array(192).fill(Number.NaN));
  expect(() => gmsd.open().measure(broken, tensor([3, 8, 8]))).toThrow(/finite/);
  expect(() => gmsd.open({ border: 0.5 })).toThrow(withSubject('border'));
});
