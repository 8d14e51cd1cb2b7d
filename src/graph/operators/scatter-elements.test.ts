import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { typedTensor } from '../../tensor/tensor.js';
import { constant, input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { scatterElements } from './scatter-elements.js';

const x = sample([2, 5, 3], 1);

/** Places along axis 1, one per element, repeated ones too. */
const place = (a: number, b: number, c: number): number => (3 * a + b * b + c) % 4;
const indices = typedTensor(
  'int64',
  [2, 5, 3],
  BigInt64Array.from(filled([2, 5, 3], (a, b, c) => place(a!, b!, c!)).data, (value) =>
    BigInt(value),
  ),
);

test.each([1, -2])('every element is added at its own place along axis %d', async (axis) => {
  const expected = filled([2, 4, 3], (a, to, c) => {
    const from = [0, 1, 2, 3, 4].filter((b) => place(a!, b, c!) === to);
    return from.reduce((sum, b) => sum + at(x, a!, b, c!), 0);
  });
  const build = (v: typeof x) =>
    evaluateOn((value, i) => scatterElements(value!, axis, i!, 4), [v, indices]);
  expectClose(await build(x), expected);
  await checkGradients((v) => scatterElements(v!, axis, constant(indices), 4), [x]);
});

test('refuses indices of another type or shape, and extents that are no size', () => {
  const value = input('x', [2, 5, 3]);
  const places = (shape: number[]) => input('indices', shape, 'int64');
  expect(() => scatterElements(value, 1, input('indices', [2, 5, 3]), 4)).toThrow(ParameterError);
  expect(() => scatterElements(value, 1, places([2, 4, 3]), 4)).toThrow(ParameterError);
  expect(() => scatterElements(value, 1, places([2, 5, 3]), 0)).toThrow(ParameterError);
  expect(() => scatterElements(input('x', [2], 'int64'), 0, places([2]), 4)).toThrow(
    ParameterError,
  );
});
