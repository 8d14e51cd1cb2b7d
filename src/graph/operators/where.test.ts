import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { tensor, typedTensor } from '../../tensor/tensor.js';
import { constant, input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { expectClose, sample } from '../testing/tensors.js';
import { where } from './where.js';

const condition = typedTensor('bool', [2, 1], Uint8Array.of(1, 0));

test('chooses under broadcasting', async () => {
  const x = tensor([3], [1, 2, 3]);
  const result = await evaluateOn((c, a, b) => where(c!, a!, b!), [condition, x, tensor([], [9])]);
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
