import { describe, expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { input, parameter } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluate, evaluateOn } from '../testing/evaluate.js';
import { testSecondDerivative, testUnary } from '../testing/operator-cases.js';
import { errorFunction } from '../testing/reference-functions.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { gradients } from '../training/differentiate.js';
import { gelu, leakyRelu, prelu, relu, sigmoid, tanh } from './activations.js';
import { mul } from './elementwise.js';
import { reduceSum } from './reductions.js';

describe.each([0.2, 0, 1, 1.5, -0.3])('slope %d', (slope) => {
  testUnary(
    (x) => leakyRelu(x, slope),
    (x) => (x > 0 ? x : slope * x),
    { gap: 0.1, extremes: [0, -1e30, 1e30] },
  );
});

const x = sample([2, 3, 2], 1, { gap: 0.1 });

describe('relu', () => {
  testUnary(relu, (x) => Math.max(x, 0), { gap: 0.1, extremes: [0, -1e30, 1e30] });

  test('the gradient is exactly the upstream one or 0, and 0 at 0', async () => {
    const x = tensor([5], [-2, -1e-40, 0, 1e-40, 3]);
    const upstream = tensor([5], [5, 6, 7, 8, 9]);
    const gradient = await evaluateOn(
      (value, weight) => gradients(reduceSum(mul(relu(value!), weight!), [0]), [value!])[0]!,
      [x, upstream],
    );
    expect([...gradient.data].map((value) => value + 0)).toEqual([0, 0, 0, 8, 9]);
  });
});

describe('leakyRelu', () => {
  test('the gradient is exactly the upstream one or its multiple by the slope', async () => {
    const x = tensor([5], [-2, -1e-40, 0, 1e-40, 3]);
    const upstream = tensor([5], [5, 6, 7, 8, 9]);
    const gradient = await evaluateOn(
      (value, weight) =>
        gradients(reduceSum(mul(leakyRelu(value!, 0.2), weight!), [0]), [value!])[0]!,
      [x, upstream],
    );
    const slope = Math.fround(0.2);
    expect([...gradient.data]).toEqual([5, 6, 7].map((u) => Math.fround(u * slope)).concat(8, 9));
  });
});

describe('prelu', () => {
  test.each([
    [[3, 1], (c: number) => [c, 0]],
    [[1], () => [0]],
    [[2, 3, 2], (c: number, n: number, z: number) => [n, c, z]],
  ] as const)('slopes of shape %s', async (shape, place) => {
    const slopes = sample([...shape], 2);
    const expected = filled(x.shape, (n, c, z) => {
      const value = at(x, n!, c!, z!);
      return value > 0 ? value : value * at(slopes, ...place(c!, n!, z!));
    });
    expectClose(await evaluateOn((v, s) => prelu(v!, s!), [x, slopes]), expected);
    await checkGradients((v, s) => prelu(v!, s!), [x, slopes]);
  });

  test('refuses slopes that x does not cover, and integers', () => {
    expect(() => prelu(input('x', [2]), input('s', [3, 2]))).toThrow(ParameterError);
    expect(() => prelu(input('x', [2], 'int64'), input('s', [2]))).toThrow(ParameterError);
    expect(() => prelu(input('x', [2]), input('s', [2], 'int64'))).toThrow(ParameterError);
  });

  test('a single slope that is part of the model gives the same values', async () => {
    const slope = parameter('slope', [1]);
    const build = () => prelu(input('x', x.shape), slope);
    const known = await evaluate({ y: build() }, { x }, new Map([['slope', tensor([1], [-0.3])]]));
    const fed = await evaluate({ y: build() }, { x, slope: tensor([1], [-0.3]) });
    expectClose(known.y!, fed.y!, 0);
  });
});

describe('sigmoid', () => {
  testUnary(sigmoid, (x) => 1 / (1 + Math.exp(-x)), { low: -3, high: 3, extremes: [-80, 80] });

  testSecondDerivative(sigmoid);
});

describe('tanh', () => {
  testUnary(tanh, Math.tanh, { low: -2, high: 2, extremes: [-50, 50] });

  testSecondDerivative(tanh);
});

describe('gelu', () => {
  testUnary(gelu, (x) => (x * (1 + errorFunction(x / Math.SQRT2))) / 2, {
    low: -3,
    high: 3,
    extremes: [-20, 20],
  });

  testSecondDerivative(gelu);
});
