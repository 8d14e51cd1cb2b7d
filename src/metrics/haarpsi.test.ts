import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { haarPsi } from './haarpsi.js';
import { referencePairs } from './testing/reference-pairs.js';

/** By the authors' Python code (haarPsi.py of 2018-01-08) with NumPy 2.4, in double precision. */
const references: Readonly<Record<string, number>> = {
  'noise 96x80': 0.8710685095204136,
  'blur 96x80': 0.9108280795704018,
  'colour 97x75': 0.5438783431879533,
  'blur 97x75': 0.909395200531548,
  'noise 256x192': 0.9392345290048546,
  'blur 256x192': 0.8975867143899506,
};

test.each(referencePairs())("$name equals the authors' score", ({ name, target, result }) => {
  expect(Math.abs(haarPsi.open().measure(result, target) / references[name]! - 1)).toBeLessThan(
    1e-6,
  );
});

test('it is symmetric, 1 for equal images, and the same whatever lies outside the border', () => {
  const [{ target, result }] = referencePairs() as [ReturnType<typeof referencePairs>[number]];
  expect(haarPsi.open().measure(target, target)).toBeCloseTo(1, 12);
  expect(haarPsi.open().measure(result, target)).toBeCloseTo(
    haarPsi.open().measure(target, result),
    12,
  );
  const spoilt = tensor(result.shape, result.data.slice());
  spoilt.data[0] = 1 - spoilt.data[0]!;
  const inner = haarPsi.open({ border: 2 });
  expect(inner.measure(spoilt, target)).toBe(inner.measure(result, target));
});

test('black images, which leave no weight, are equal', () => {
  const black = tensor([3, 16, 16]);
  expect(haarPsi.open().measure(black, black)).toBe(1);
});

test('what cannot be compared is refused', () => {
  expect(() => haarPsi.open().measure(tensor([3, 8, 9]), tensor([3, 8, 8]))).toThrow(
    ParameterError,
  );
  const broken = tensor([3, 8, 8], new Float32Array(192).fill(Number.NaN));
  expect(() => haarPsi.open().measure(broken, tensor([3, 8, 8]))).toThrow(/finite/);
  expect(() => haarPsi.open({ border: -1 })).toThrow(withSubject('border'));
});
