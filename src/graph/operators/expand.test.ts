import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { expand } from './expand.js';

test.each([
  [[3], [2, 3]],
  [
    [2, 1],
    [2, 4],
  ],
  [[], [2, 2]],
  [
    [1, 2, 1],
    [3, 2, 2],
  ],
])('[%s] to [%s]', async (from, to) => {
  const x = sample(from, 1);
  const expected = filled(to, (...index) =>
    at(
      x,
      ...from.map((extent, axis) => (extent === 1 ? 0 : index[axis + to.length - from.length]!)),
    ),
  );
  expectClose(await evaluateOn((v) => expand(v!, to), [x]), expected);
  await checkGradients((v) => expand(v!, to), [x]);
});

test('the same shape returns the value as it is', () => {
  const x = input('x', [2, 3]);
  expect(expand(x, [2, 3])).toBe(x);
});

test('refuses shapes that x does not broadcast to', () => {
  expect(() => expand(input('x', [2, 3]), [2, 4])).toThrow(ParameterError);
  expect(() => expand(input('x', [2, 3]), [2, 1])).toThrow(ParameterError);
  expect(() => expand(input('x', [2, 3]), [3])).toThrow(ParameterError);
  expect(() => expand(input('x', [1]), [0])).toThrow(ParameterError);
});
