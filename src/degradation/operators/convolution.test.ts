import { expect, test } from 'vitest';
import { LimitError, ParameterError } from '../../tensor/errors.js';
import { uniformAt } from '../../tensor/random.js';
import { tensor } from '../../tensor/tensor.js';
import { createDegradation } from '../create-degradation.js';
import { convolution } from './convolution.js';
import { makeConsistent } from './make-consistent.js';
import { expectAdjoint, expectSolves, largestDifference } from './testing/operator-properties.js';

const kernel = [
  [0, 0.1, 0, 0, 0],
  [0, 0.2, 0.4, 0.1, 0],
  [0, 0, 0, 0.1, 0.1],
];
const image = tensor(
  [3, 9, 12],
  Float32Array.from({ length: 324 }, (_, at) => uniformAt(3, 0, at)),
);

test('it blurs as the degradation of the same kernel does on displayed values', () => {
  const blur = createDegradation({
    kind: 'kernel-blur',
    kernel,
    centre: 'middle',
    light: 'display',
    round: false,
  });
  const expected = blur.apply(image, { seed: 0, index: 0 });
  const result = convolution(kernel, 9, 12).apply(image);
  expect(largestDifference(result.data, expected.data)).toBeLessThan(1e-6);
});

test.each([
  [9, 12],
  [1, 7],
  [2, 2],
])('the adjoint is the transpose for %i x %i, mirrors within mirrors too', (height, width) => {
  expectAdjoint(convolution(kernel, height, width));
});

test('solve inverts A A^T + lambda I; without lambda where the kernel is mild', () => {
  expectSolves(convolution(kernel, 9, 12, { tolerance: 1e-10 }), 0.01, 1e-8);
  expectSolves(convolution([[0.1, 0.8, 0.1]], 9, 12, { tolerance: 1e-10 }), 0, 1e-8);
});

test('a noisy measurement is met as far as its noise allows', () => {
  const operator = convolution(kernel, 9, 12);
  const measurement = operator.apply(image);
  const estimate = tensor([3, 9, 12], new Float32Array(324).fill(0.5));
  const distance = (data: Float32Array) =>
    Math.sqrt(data.reduce((sum, value, at) => sum + (value - measurement.data[at]!) ** 2, 0) / 324);
  const result = makeConsistent(operator, estimate, measurement, {
    noiseVariance: 1e-4,
    priorVariance: 0.1,
  });
  expect(distance(operator.apply(result).data)).toBeLessThan(0.01);
  expect(distance(operator.apply(estimate).data)).toBeGreaterThan(0.1);
});

test('a kernel that removes frequencies has no exact solution to find', () => {
  const box = convolution([Array.from({ length: 9 }, () => 1 / 9)], 64, 63, { maxIterations: 50 });
  const residual = tensor(
    [1, 64, 63],
    Float32Array.from({ length: 4032 }, (_, at) => uniformAt(4, 0, at)),
  );
  expect(() => box.solve(residual, 0)).toThrow(LimitError);
  expect(() => box.solve(residual, 0.1)).not.toThrow();
});

test('wrong arguments are named', () => {
  expect(() => convolution([[1, 1]], 4, 4)).toThrow(/kernel: expected an odd number/);
  expect(() => convolution([[1], [1, 2, 3], [1]], 4, 4)).toThrow(ParameterError);
  expect(() => convolution([], 4, 4)).toThrow(/kernel/);
  expect(() => convolution([[Number.NaN]], 4, 4)).toThrow(/finite/);
  expect(() => convolution([[1]], 0, 4)).toThrow(/height/);
  expect(() => convolution([[1]], 9, 9).apply(image)).toThrow(/image/);
  expect(() => convolution([[1]], 9, 12).solve(image, -1)).toThrow(/lambda/);
});
