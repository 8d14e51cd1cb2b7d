import { expect, test } from 'vitest';
import { ParameterError } from '../../utils/errors.js';
import { cost } from '../cost.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { gradients } from '../training/differentiate.js';
import { mul } from './elementwise.js';
import { matmul } from './matmul.js';
import { reduceSum } from './reductions.js';

const cases: [number[], number[], number[]][] = [
  [
    [2, 3],
    [3, 4],
    [2, 4],
  ],
  [
    [2, 2, 3],
    [2, 3, 4],
    [2, 2, 4],
  ],
  [
    [2, 2, 3],
    [3, 4],
    [2, 2, 4],
  ],
  [
    [2, 3],
    [2, 3, 2],
    [2, 2, 2],
  ],
  [
    [2, 1, 2, 3],
    [3, 3, 1],
    [2, 3, 2, 1],
  ],
  [
    [1, 5],
    [5, 1],
    [1, 1],
  ],
];

test.each(cases)('[%s] times [%s] is [%s]', async (first, second, shape) => {
  const x = sample(first, 1);
  const y = sample(second, 2);
  const inner = first.at(-1)!;
  const batchOf = (from: readonly number[], index: readonly number[]) =>
    from.slice(0, -2).map((extent, axis) => {
      const step = index[axis + index.length - from.length]!;
      return extent === 1 ? 0 : step;
    });
  const expected = filled(shape, (...index) => {
    const [row, column] = index.slice(-2) as [number, number];
    let sum = 0;
    for (let k = 0; k < inner; k += 1)
      sum += at(x, ...batchOf(first, index), row, k) * at(y, ...batchOf(second, index), k, column);
    return sum;
  });
  expectClose(await evaluateOn((a, b) => matmul(a!, b!), [x, y]), expected);
});

test.each(cases)('gradients for [%s] times [%s]', async (first, second) => {
  await checkGradients((x, y) => matmul(x!, y!), [sample(first, 1), sample(second, 2)]);
});

test('the gradient can be differentiated again', async () => {
  const cubed = (x: Parameters<typeof matmul>[0]) => matmul(matmul(x, x), x);
  await checkGradients(
    (x) => gradients(reduceSum(mul(cubed(x!), x!), [0, 1]), [x!])[0]!,
    [sample([3, 3], 3)],
  );
});

test('one multiply-add per result and inner element', () => {
  expect(cost([matmul(input('x', [7, 2, 3]), input('y', [3, 5]))]).macs).toBe(7 * 2 * 5 * 3);
});

test('refuses other inner extents, vectors, batches that do not broadcast and integers', () => {
  const x = input('x', [2, 2, 3]);
  expect(() => matmul(x, input('y', [4, 2]))).toThrow(ParameterError);
  expect(() => matmul(x, input('y', [3]))).toThrow(ParameterError);
  expect(() => matmul(x, input('y', [3, 3, 4]))).toThrow(ParameterError);
  expect(() => matmul(x, input('y', [3, 4], 'int64'))).toThrow(ParameterError);
});
