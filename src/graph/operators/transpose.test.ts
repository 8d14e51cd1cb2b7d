import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { transpose } from './transpose.js';

const x = sample([2, 3, 4], 1);

test.each([[[0, 1, 2]], [[2, 0, 1]], [[1, 2, 0]], [[0, 2, 1]]])('axes %s', async (order) => {
  const expected = filled(
    order.map((axis) => x.shape[axis]!),
    (...index) => {
      const from = [0, 0, 0];
      for (const [place, axis] of order.entries()) from[axis] = index[place]!;
      return at(x, ...from);
    },
  );
  expectClose(await evaluateOn((v) => transpose(v!, order), [x]), expected);
  await checkGradients((v) => transpose(v!, order), [x]);
});

test.each([[[0, 1]], [[0, 1, 1]], [[0, 1, 3]]])('refuses the order %s', (order) => {
  expect(() => transpose(input('x', [2, 3, 4]), order)).toThrow(ParameterError);
});
