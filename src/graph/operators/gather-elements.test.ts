import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { typedTensor } from '../../tensor/tensor.js';
import { constant, input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { gatherElements } from './gather-elements.js';

const x = sample([2, 4, 3], 1);

/** Places along axis 1, one per element of [2, 5, 3], repeated ones too. */
const place = (a: number, b: number, c: number): number => (3 * a + b * b + c) % 4;
const indices = typedTensor(
  'int64',
  [2, 5, 3],
  BigInt64Array.from(filled([2, 5, 3], (a, b, c) => place(a!, b!, c!)).data, (value) =>
    BigInt(value),
  ),
);

test.each([1, -2])('every element from its own place along axis %d', async (axis) => {
  const expected = filled([2, 5, 3], (a, b, c) => at(x, a!, place(a!, b!, c!), c!));
  expectClose(await evaluateOn((v, i) => gatherElements(v!, axis, i!), [x, indices]), expected);
  await checkGradients((v) => gatherElements(v!, axis, constant(indices)), [x]);
});

test('refuses indices of another type or shape, and axes that do not exist', () => {
  const value = input('x', [2, 4, 3]);
  const places = (shape: number[]) => input('indices', shape, 'int64');
  expect(() => gatherElements(value, 1, input('indices', [2, 5, 3]))).toThrow(ParameterError);
  expect(() => gatherElements(value, 1, places([2, 5, 4]))).toThrow(ParameterError);
  expect(() => gatherElements(value, 1, places([2, 5]))).toThrow(ParameterError);
  expect(() => gatherElements(value, 3, places([2, 5, 3]))).toThrow(ParameterError);
});
