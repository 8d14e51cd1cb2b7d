import { describe, expect, test } from 'vitest';
import { type DataType, tensor, typedTensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { constant, input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluate, evaluateOn } from '../testing/evaluate.js';
import { testBinary, testSecondDerivative, testUnary } from '../testing/operator-cases.js';
import { errorFunction } from '../testing/reference-functions.js';
import { expectClose, sample } from '../testing/tensors.js';
import { gradients } from '../training/differentiate.js';
import {
  abs,
  add,
  cast,
  clip,
  cos,
  div,
  equal,
  erf,
  exp,
  greater,
  log,
  mul,
  neg,
  sign,
  sin,
  sqrt,
  sub,
  where,
} from './elementwise.js';

import { mul as multiply, reduceSum, stopGradient } from './index.js';

describe('add', () => {
  testBinary(add, (x, y) => x + y);
});

describe('sub', () => {
  testBinary(sub, (x, y) => x - y);
});

describe('mul', () => {
  testBinary(mul, (x, y) => x * y);
});

describe('div', () => {
  testBinary(div, (x, y) => x / y, { low: 0.5, high: 2 });
});

describe('neg', () => {
  testUnary(neg, (x) => -x);
});

describe('abs', () => {
  testUnary(abs, Math.abs, { gap: 0.1, extremes: [0, -1e30] });
});

describe('sign', () => {
  testUnary(sign, Math.sign, { gap: 0.1 });

  test('is 0 at 0', async () => {
    const result = await evaluateOn((x) => sign(x!), [tensor([1], [0])]);
    expect([...result.data]).toEqual([0]);
  });
});

describe('sqrt', () => {
  testUnary(sqrt, Math.sqrt, { low: 0.5, high: 4, extremes: [0, 1e-30, 1e30] });

  testSecondDerivative(sqrt, { low: 0.5, high: 3 });
});

describe('exp', () => {
  testUnary(exp, Math.exp, { low: -3, high: 2, extremes: [-200, 10] });

  testSecondDerivative(exp);
});

describe('log', () => {
  testUnary(log, Math.log, { low: 0.5, high: 4, extremes: [1e-30, 1e30] });

  testSecondDerivative(log, { low: 0.5, high: 3 });
});

describe('erf', () => {
  testUnary(erf, errorFunction, { low: -3, high: 3, extremes: [-20, 20] });

  testSecondDerivative(erf);
});

describe('sin', () => {
  testUnary(sin, Math.sin, { low: -3, high: 3 });

  testSecondDerivative(sin);

  test('is exact to 2e-7 over thousands of radians', async () => {
    const x = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) * 1.37);
    const result = await evaluateOn((v) => sin(v!), [tensor([x.length], x)]);
    const errors = result.data.map((value, i) => Math.abs(value - Math.sin(x[i]!)));
    expect(Math.max(...errors)).toBeLessThan(2e-7);
  });
});

describe('cos', () => {
  testUnary(cos, Math.cos, { low: -3, high: 3 });

  testSecondDerivative(cos);

  test('is exact to 2e-7 over thousands of radians', async () => {
    const x = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) * 1.37);
    const result = await evaluateOn((v) => cos(v!), [tensor([x.length], x)]);
    const errors = result.data.map((value, i) => Math.abs(value - Math.cos(x[i]!)));
    expect(Math.max(...errors)).toBeLessThan(2e-7);
  });
});

describe('equal', () => {
  test('compares under broadcasting and gives booleans', async () => {
    const x = tensor([2, 1], [1, 2]);
    const y = tensor([3], [0, 1, 2]);
    const result = await evaluateOn((a, b) => equal(a!, b!), [x, y]);
    expect(result.dataType).toBe('bool');
    expect(result.shape).toEqual([2, 3]);
    expect([...result.data]).toEqual([0, 1, 0, 0, 0, 1]);
  });

  test('refuses shapes that do not broadcast, and mixed types', () => {
    expect(() => equal(input('x', [2, 3]), input('y', [2]))).toThrow(ParameterError);
    expect(() => equal(input('x', [2]), input('y', [2], 'int32'))).toThrow(ParameterError);
  });
});

describe('greater', () => {
  test('compares under broadcasting and gives booleans', async () => {
    const x = tensor([2, 1], [1, 2]);
    const y = tensor([3], [0, 1, 2]);
    const result = await evaluateOn((a, b) => greater(a!, b!), [x, y]);
    expect(result.dataType).toBe('bool');
    expect(result.shape).toEqual([2, 3]);
    expect([...result.data]).toEqual([1, 0, 0, 1, 1, 0]);
  });

  test('refuses shapes that do not broadcast, and mixed types', () => {
    expect(() => greater(input('x', [2, 3]), input('y', [2]))).toThrow(ParameterError);
    expect(() => greater(input('x', [2]), input('y', [2], 'int32'))).toThrow(ParameterError);
  });
});

describe('where', () => {
  const condition = typedTensor('bool', [2, 1], Uint8Array.of(1, 0));

  test('chooses under broadcasting', async () => {
    const x = tensor([3], [1, 2, 3]);
    const result = await evaluateOn(
      (c, a, b) => where(c!, a!, b!),
      [condition, x, tensor([], [9])],
    );
    expectClose(result, tensor([2, 3], [1, 2, 3, 9, 9, 9]));
  });

  test.each([
    [[3], []],
    [
      [2, 3],
      [1, 3],
    ],
    [
      [2, 1],
      [2, 3],
    ],
  ])('gradients for [%s] and [%s] reach the chosen elements only', async (first, second) => {
    await checkGradients(
      (x, y) => where(constant(condition), x!, y!),
      [sample(first, 1), sample(second, 2)],
    );
  });

  test('refuses conditions that are no booleans, mixed types and other shapes', () => {
    const [x, y] = [input('x', [2, 3]), input('y', [2, 3])];
    const choice = input('c', [2, 3], 'bool');
    expect(() => where(x, x, y)).toThrow(ParameterError);
    expect(() => where(choice, x, input('z', [2, 3], 'int64'))).toThrow(ParameterError);
    expect(() => where(choice, x, input('z', [2]))).toThrow(ParameterError);
    expect(() => where(input('d', [4], 'bool'), x, y)).toThrow(ParameterError);
  });
});

describe('clip', () => {
  const clipInput = tensor([6], [-2, -0.75, -0.25, 0.125, 0.75, 2]);

  test.each([
    { minimum: -0.5, maximum: 0.5 },
    { minimum: 0.25, maximum: 0.25 },
    { minimum: -Infinity, maximum: 0.5 },
  ])('limits to %o, the gradient vanishing beyond', async (bounds) => {
    const limited = clipInput.data.map((value) =>
      Math.min(Math.max(value, bounds.minimum), bounds.maximum),
    );
    expectClose(await evaluateOn((v) => clip(v!, bounds), [clipInput]), tensor([6], limited));
    await checkGradients((v) => clip(v!, bounds), [clipInput]);
  });

  test('refuses crossed or missing bounds and integers', () => {
    expect(() => clip(input('x', [2]), { minimum: 1, maximum: 0 })).toThrow(ParameterError);
    expect(() => clip(input('x', [2]), { minimum: 0, maximum: Number.NaN })).toThrow(
      ParameterError,
    );
    expect(() => clip(input('x', [2], 'int64'), { minimum: 0, maximum: 1 })).toThrow(
      ParameterError,
    );
  });
});

describe('cast', () => {
  const castInput = tensor([4], [0, 1, 2.75, 100]);

  test.each<[DataType, (number | bigint)[]]>([
    ['float64', [0, 1, 2.75, 100]],
    ['int64', [0n, 1n, 2n, 100n]],
    ['int32', [0, 1, 2, 100]],
    ['int16', [0, 1, 2, 100]],
    ['int8', [0, 1, 2, 100]],
    ['uint16', [0, 1, 2, 100]],
    ['uint8', [0, 1, 2, 100]],
    ['bool', [0, 1, 1, 1]],
  ])('to %s', async (dataType, expected) => {
    const result = await evaluateOn((value) => cast(value!, dataType), [castInput]);
    expect(result.dataType).toBe(dataType);
    expect([...result.data]).toEqual(expected);
  });

  test('to float16 and back keeps what 11 bits hold', async () => {
    const value = tensor([3], [0.5, 1 / 3, 2049]);
    const result = await evaluateOn((v) => cast(cast(v!, 'float16'), 'float32'), [value]);
    expect([...result.data]).toEqual([0.5, 0.333251953125, 2048]);
  });

  test('to bfloat16 and back keeps 8 bits', async () => {
    const value = tensor([2], [1.5, 1 + 1 / 512]);
    const result = await evaluateOn((v) => cast(cast(v!, 'bfloat16'), 'float32'), [value]);
    expect([...result.data]).toEqual([1.5, 1]);
  });

  test('the gradient passes between real types', async () => {
    await checkGradients(
      (v) => cast(mul(cast(v!, 'float64'), cast(v!, 'float64')), 'float32'),
      [sample([3], 1)],
    );
  });

  test('integers carry no gradient', async () => {
    await checkGradients(
      (v) => add(cast(cast(v!, 'int32'), 'float32'), v!),
      [tensor([2], [0.5, 1.5])],
    );
  });
});

describe('stopGradient', () => {
  const stoppedInput = input('x', [3]);

  const sum = (value: ReturnType<typeof multiply>) => reduceSum(value, [0], false);

  const point = tensor([3], [1, -2, 3]);

  test('a stopped factor counts as a constant in the derivative', async () => {
    const loss = sum(multiply(stoppedInput, stopGradient(multiply(stoppedInput, stoppedInput))));
    const [slope] = gradients(loss, [stoppedInput]);
    const { y, d } = await evaluate({ y: loss, d: slope! }, { x: point });
    expectClose(y!, tensor([], [1 - 8 + 27]));
    expectClose(d!, tensor([3], [1, 4, 9]));
  });

  test('a variable that is only read behind it gets zeros', async () => {
    const [slope] = gradients(sum(stopGradient(stoppedInput)), [stoppedInput]);
    const { d } = await evaluate({ d: slope! }, { x: point });
    expectClose(d!, tensor([3]));
  });
});
