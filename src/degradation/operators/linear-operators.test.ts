import { expect, test } from 'vitest';
import { uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { LimitError, ParameterError } from '../../utils/errors.js';
import { withSubject } from '../../utils/testing/errors.js';
import { resizeBicubic } from '../bicubic-resize.js';
import { createDegradation } from '../create-degradation.js';
import { makeConsistent } from './consistency.js';
import { pseudoInverse } from './forward-operator.js';
import { bicubicReduction, convolution, masking } from './linear-operators.js';
import {
  dot,
  expectAdjoint,
  expectSolves,
  largestDifference,
  normalImage,
} from './testing/operator-properties.js';

const sizes = [
  [2, 40, 31],
  [3, 37, 65],
  [4, 48, 64],
  [4, 33, 50],
  [4, 3, 5],
  [8, 65, 71],
  [8, 128, 9],
] as const;

function randomImage(channels: number, height: number, width: number): Tensor {
  const data = Float32Array.from({ length: channels * height * width }, (_, at) =>
    uniformAt(1, 2, at),
  );
  return tensor([channels, height, width], data);
}

test.each(sizes)(
  'by %i it is the reduction of resizeBicubic for %i x %i',
  (scale, height, width) => {
    const operator = bicubicReduction(scale, height, width);
    const original = randomImage(2, height, width);
    const expected = resizeBicubic(original, { scale: 1 / scale });
    const reduced = operator.apply(original);
    expect(reduced.shape).toEqual(expected.shape);
    expect(operator.output).toEqual({ height: expected.shape[1], width: expected.shape[2] });
    expect(largestDifference(reduced.data, expected.data)).toBeLessThan(2e-7);
  },
);

test.each(sizes)('by %i for %i x %i the adjoint is the transpose', (scale, height, width) => {
  expectAdjoint(bicubicReduction(scale, height, width));
});

test.each(sizes)('by %i for %i x %i solve inverts A A^T + lambda I', (scale, height, width) => {
  const operator = bicubicReduction(scale, height, width);
  expectSolves(operator, 0, 1e-12);
  for (const lambda of [1e-3, 0.1]) expectSolves(operator, lambda, 1e-7);
});

test('the pseudo-inverse has the four properties of Moore and Penrose', () => {
  const operator = bicubicReduction(3, 20, 17);
  const x = normalImage({ channels: 1, ...operator.input }, 4);
  const y = normalImage({ channels: 1, ...operator.output }, 5);
  const inverse = (measurement: Tensor<'float64'>) => pseudoInverse(operator, measurement);
  expect(largestDifference(operator.apply(inverse(y)).data, y.data)).toBeLessThan(1e-12);
  const shadow = inverse(operator.apply(x));
  expect(largestDifference(inverse(operator.apply(shadow)).data, shadow.data)).toBeLessThan(1e-12);
  const other = normalImage({ channels: 1, ...operator.input }, 6);
  const forth = dot(inverse(operator.apply(x)), other);
  expect(forth).toBeCloseTo(dot(x, inverse(operator.apply(other))), 10);
});

test('planes do not influence each other, and a constant is the image of a constant', () => {
  const operator = bicubicReduction(4, 21, 30);
  const measurement = tensor([2, 6, 8], new Float32Array(96).fill(0.3, 0, 48));
  const { shape, data } = pseudoInverse(operator, measurement);
  expect(shape).toEqual([2, 21, 30]);
  expect(data.subarray(630).every((value) => value === 0)).toBe(true);
  const flat = operator.apply(tensor([1, 21, 30], new Float32Array(630).fill(0.7)));
  expect(flat.data.every((value) => Math.abs(value - 0.7) < 1e-6)).toBe(true);
});

test('wrong arguments are named', () => {
  expect(() => bicubicReduction(1.5, 8, 8)).toThrow(withSubject('scale'));
  expect(() => bicubicReduction(2, 0, 8)).toThrow(withSubject('height'));
  expect(() => bicubicReduction(2, 8, 8.5)).toThrow(withSubject('width'));
  const operator = bicubicReduction(2, 8, 6);
  expect(() => operator.apply(randomImage(3, 6, 8))).toThrow(
    /image: expected a tensor \[channels, 8, 6\]/,
  );
  expect(() => operator.adjoint(randomImage(3, 8, 6))).toThrow(withSubject('measurement'));
  expect(() => operator.solve(randomImage(3, 8, 6), 0)).toThrow(withSubject('residual'));
  expect(() => operator.solve(randomImage(3, 4, 3), -1)).toThrow(ParameterError);
  expect(() => operator.solve(randomImage(3, 4, 3), Number.NaN)).toThrow(withSubject('lambda'));
  expect(() =>
    operator.solve(tensor([1, 4, 3], new Float32Array(12).fill(Number.NaN)), 0.1),
  ).toThrow(LimitError);
});

const kernel = [
  [0, 0.1, 0, 0, 0],
  [0, 0.2, 0.4, 0.1, 0],
  [0, 0, 0, 0.1, 0.1],
];
const uniformImage = tensor(
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
  const expected = blur.apply(uniformImage, { seed: 0, index: 0 });
  const result = convolution(kernel, 9, 12).apply(uniformImage);
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
  const measurement = operator.apply(uniformImage);
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
  expect(() => convolution([[1, 1]], 4, 4)).toThrow(withSubject('kernel'));
  expect(() => convolution([[1], [1, 2, 3], [1]], 4, 4)).toThrow(ParameterError);
  expect(() => convolution([], 4, 4)).toThrow(withSubject('kernel'));
  expect(() => convolution([[Number.NaN]], 4, 4)).toThrow(withSubject('kernel'));
  expect(() => convolution([[1]], 0, 4)).toThrow(withSubject('height'));
  expect(() => convolution([[1]], 9, 9).apply(uniformImage)).toThrow(withSubject('image'));
  expect(() => convolution([[1]], 9, 12).solve(uniformImage, -1)).toThrow(withSubject('lambda'));
});

const mask = tensor(
  [7, 9],
  Float32Array.from({ length: 63 }, (_, at) => (uniformAt(1, 0, at) < 0.4 ? 0 : 1)),
);
const operator = masking(mask);
const streamImage = (stream: number) =>
  tensor(
    [3, 7, 9],
    Float32Array.from({ length: 189 }, (_, at) => uniformAt(2, stream, at)),
  );

test('it is its own transpose, and A A^T is the identity on its range', () => {
  expectAdjoint(operator);
  expectSolves(operator, 0, 1e-15);
  expectSolves(operator, 0.3, 1e-14);
});

test('known pixels become those of the measurement, the others stay those of the estimate', () => {
  const [estimate, measurement] = [streamImage(1), streamImage(2)];
  const { data } = makeConsistent(operator, estimate, operator.apply(measurement));
  for (const [at, value] of data.entries()) {
    const source = mask.data[at % 63] === 1 ? measurement : estimate;
    expect(value).toBeCloseTo(source.data[at]!, 6);
  }
});

test('with noise known pixels lie between both by the ratio of the variances', () => {
  const [estimate, measurement] = [streamImage(1), streamImage(2)];
  const options = { noiseVariance: 0.01, priorVariance: 0.03 };
  const { data } = makeConsistent(operator, estimate, operator.apply(measurement), options);
  const known = mask.data.indexOf(1);
  const expected = 0.25 * estimate.data[known]! + 0.75 * measurement.data[known]!;
  expect(data[known]).toBeCloseTo(expected, 6);
});

test('wrong arguments are named', () => {
  expect(() => masking(tensor([1, 2, 2]))).toThrow(withSubject('mask'));
  expect(() => masking(tensor([1, 2], [1, 0.5]))).toThrow(ParameterError);
  expect(() => operator.apply(tensor([3, 9, 7]))).toThrow(withSubject('image'));
  expect(() => operator.solve(streamImage(1), -1)).toThrow(withSubject('lambda'));
});
