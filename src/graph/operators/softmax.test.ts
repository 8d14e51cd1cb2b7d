import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { gradients } from '../training/differentiate.js';
import { mul } from './mul.js';
import { reduceSum } from './reduce-sum.js';

import { softmax } from './softmax.js';

function reference(x: Tensor): Tensor {
  return filled(x.shape, (row, column) => {
    let sum = 0;
    for (let k = 0; k < x.shape[1]!; k += 1) sum += Math.exp(at(x, row!, k) - at(x, row!, column!));
    return 1 / sum;
  });
}

test('normalises exponentials over the last axis', async () => {
  const x = sample([3, 5], 1, { low: -3, high: 3 });
  expectClose(await evaluateOn((v) => softmax(v!), [x]), reference(x));
});

test('does not overflow', async () => {
  const x = tensor([1, 3], [1000, 1001, -1000]);
  expectClose(await evaluateOn((v) => softmax(v!), [x]), reference(x));
});

test('gradients, once and again', async () => {
  const x = sample([2, 3, 4], 2, { low: -2, high: 2 });
  await checkGradients((v) => softmax(v!), [x]);
  await checkGradients(
    (v) => gradients(reduceSum(mul(softmax(v!), mul(v!, v!)), [0, 1]), [v!])[0]!,
    [sample([2, 3], 3)],
  );
});

test('refuses integers', () => {
  expect(() => softmax(input('x', [2], 'int64'))).toThrow(ParameterError);
});
