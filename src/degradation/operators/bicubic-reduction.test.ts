import { expect, test } from 'vitest';
import { LimitError, ParameterError } from '../../tensor/errors.js';
import { uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { resizeBicubic } from '../bicubic.js';
import { bicubicReduction } from './bicubic-reduction.js';
import { pseudoInverse } from './forward-operator.js';
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

function image(channels: number, height: number, width: number): Tensor {
  const data = Float32Array.from({ length: channels * height * width }, (_, at) =>
    uniformAt(1, 2, at),
  );
  return tensor([channels, height, width], data);
}

test.each(sizes)(
  'by %i it is the reduction of resizeBicubic for %i x %i',
  (scale, height, width) => {
    const operator = bicubicReduction(scale, height, width);
    const original = image(2, height, width);
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
  expect(() => bicubicReduction(1.5, 8, 8)).toThrow(/scale: expected an integer of at least 2/);
  expect(() => bicubicReduction(2, 0, 8)).toThrow(/height/);
  expect(() => bicubicReduction(2, 8, 8.5)).toThrow(/width/);
  const operator = bicubicReduction(2, 8, 6);
  expect(() => operator.apply(image(3, 6, 8))).toThrow(
    /image: expected a tensor \[channels, 8, 6\]/,
  );
  expect(() => operator.adjoint(image(3, 8, 6))).toThrow(/measurement/);
  expect(() => operator.solve(image(3, 8, 6), 0)).toThrow(/residual/);
  expect(() => operator.solve(image(3, 4, 3), -1)).toThrow(ParameterError);
  expect(() => operator.solve(image(3, 4, 3), Number.NaN)).toThrow(/lambda/);
  expect(() =>
    operator.solve(tensor([1, 4, 3], new Float32Array(12).fill(Number.NaN)), 0.1),
  ).toThrow(LimitError);
});
