import { expect, test } from 'vitest';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { input } from '../leaves.js';
import { mul } from '../operators/elementwise.js';
import { reduceSum } from '../operators/reductions.js';
import { gradients } from '../training/differentiate.js';
import type { Value } from '../value.js';
import { checkGradients } from './check-gradients.js';
import { evaluateOn } from './evaluate.js';
import { at, expectClose, filled, sample } from './tensors.js';

interface UnaryCase {
  readonly low?: number;
  readonly high?: number;
  /** Least distance of the samples from 0, where the function has a kink there. */
  readonly gap?: number;
  /** Values beyond the sampled range where the formula must hold too. */
  readonly extremes?: readonly number[];
}

/** Tests an elementwise operator of one input against its formula and its differences. */
export function testUnary(
  operator: (x: Value) => Value,
  formula: (x: number) => number,
  { extremes = [], ...range }: UnaryCase = {},
): void {
  const x = sample([3, 5], 5, range);

  test('computes its formula', async () => {
    expectClose(await evaluateOn((v) => operator(v!), [x]), tensor([3, 5], x.data.map(formula)));
    if (extremes.length === 0) return;
    const far = tensor([extremes.length], extremes);
    const expected = tensor([extremes.length], far.data.map(formula));
    expectClose(await evaluateOn((v) => operator(v!), [far]), expected);
  });

  test('its gradient agrees with differences', async () => {
    await checkGradients((v) => operator(v!), [x]);
  });

  test('refuses integers', () => {
    expect(() => operator(input('x', [2], 'int64'))).toThrow(ParameterError);
  });
}

/** Tests the second derivative of a smooth elementwise operator. */
export function testSecondDerivative(
  operator: (x: Value) => Value,
  range: { readonly low?: number; readonly high?: number } = {},
): void {
  test('its gradient can be differentiated again', async () => {
    await checkGradients(
      (x) => gradients(reduceSum(mul(operator(x!), x!), [0, 1]), [x!])[0]!,
      [sample([2, 3], 6, range)],
    );
  });
}

const broadcasts: [number[], number[], number[]][] = [
  [
    [2, 3],
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3], [2, 3]],
  [
    [2, 1, 3],
    [4, 1],
    [2, 4, 3],
  ],
  [[], [2, 2], [2, 2]],
  [
    [1, 3],
    [2, 1],
    [2, 3],
  ],
  [[1, 1], [3], [1, 3]],
];

/** Tests an elementwise operator of two inputs, under every kind of broadcasting. */
export function testBinary(
  operator: (x: Value, y: Value) => Value,
  formula: (x: number, y: number) => number,
  range: { readonly low?: number; readonly high?: number } = {},
): void {
  test.each(broadcasts)('[%s] with [%s] gives [%s]', async (first, second, shape) => {
    const x = sample(first, 1, range);
    const y = sample(second, 2, range);
    const place = (from: readonly number[], index: number[]) =>
      from.reduce((sum, extent, axis) => {
        const step = index[axis + index.length - from.length]!;
        return sum * extent + (extent === 1 ? 0 : step);
      }, 0);
    const expected = filled(shape, (...index) =>
      formula(x.data[place(first, index)]!, y.data[place(second, index)]!),
    );
    expectClose(await evaluateOn((a, b) => operator(a!, b!), [x, y]), expected);
  });

  test.each(broadcasts)('gradients for [%s] with [%s]', async (first, second) => {
    const inputs = [sample(first, 1, range), sample(second, 2, range)];
    await checkGradients((x, y) => operator(x!, y!), inputs);
  });

  test('the gradient of a value with itself counts both uses', async () => {
    await checkGradients((x) => operator(x!, x!), [sample([2, 2], 3, range)]);
  });

  test('refuses shapes that do not broadcast, and mixed types', () => {
    expect(() => operator(input('x', [2, 3]), input('y', [2]))).toThrow(ParameterError);
    expect(() => operator(input('x', [2]), input('y', [2], 'int64'))).toThrow(ParameterError);
  });
}

type Reduce = (x: Value, axes: readonly number[], keepDimensions?: boolean) => Value;

/** Tests a reduction of a rank-3 tensor over every kind of axes. */
export function testReduction(
  reduce: Reduce,
  formula: (elements: readonly number[]) => number,
  x: Tensor,
): void {
  test.each([[[0]], [[1]], [[-1]], [[0, 2]], [[2, 1]], [[0, 1, 2]], [[1, 1]], [[]]])(
    'over axes %s',
    async (axes) => {
      const reduced = axes.map((axis) => (axis + 3) % 3);
      const kept = x.shape.map((extent, axis) => (reduced.includes(axis) ? 1 : extent));
      const groups = filled(kept, (...place) => {
        const elements: number[] = [];
        filled(x.shape, (...index) => {
          if (index.every((step, axis) => reduced.includes(axis) || step === place[axis]))
            elements.push(at(x, ...index));
          return 0;
        });
        return formula(elements);
      });
      expectClose(await evaluateOn((v) => reduce(v!, axes), [x]), groups);
      const left = x.shape.filter((_, axis) => !reduced.includes(axis));
      const dropped = await evaluateOn((v) => reduce(v!, axes, false), [x]);
      expectClose(dropped, tensor(left, groups.data));
      await checkGradients((v) => reduce(v!, axes), [x]);
      await checkGradients((v) => reduce(v!, axes, false), [x]);
    },
  );

  test('refuses an axis that does not exist', () => {
    expect(() => reduce(input('x', [2, 3]), [2])).toThrow(ParameterError);
    expect(() => reduce(input('x', [2, 3]), [-3])).toThrow(ParameterError);
  });
}
