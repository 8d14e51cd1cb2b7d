import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { expectClose, sample } from '../testing/tensors.js';
import { reshape } from './reshape.js';

test.each([[[6]], [[3, 2]], [[1, 2, 1, 3]]])('keeps the order of elements in %s', async (shape) => {
  const x = sample([2, 3], 1);
  expectClose(await evaluateOn((v) => reshape(v!, shape), [x]), tensor(shape, x.data));
  await checkGradients((v) => reshape(v!, shape), [x]);
});

test('makes a scalar of one element', async () => {
  const x = tensor([1, 1], [3]);
  expectClose(await evaluateOn((v) => reshape(v!, []), [x]), tensor([], [3]));
});

test('refuses another number of elements', () => {
  expect(() => reshape(input('x', [2, 3]), [4])).toThrow(ParameterError);
  expect(() => reshape(input('x', [2, 3]), [-1, 3])).toThrow(ParameterError);
  expect(() => reshape(input('x', [2, 3]), [-2, -3])).toThrow(ParameterError);
});
