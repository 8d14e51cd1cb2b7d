import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { gradients } from '../training/differentiate.js';
import { mul } from './mul.js';
import { reduceSum } from './reduce-sum.js';
import { slice } from './slice.js';

const x = sample([3, 7, 2], 1);

test.each([
  [0, 3, 1],
  [2, 5, 1],
  [6, 7, 1],
  [0, 7, 2],
  [1, 7, 2],
  [1, 6, 2],
  [0, 6, 3],
  [0, 7, 3],
  [2, 4, 5],
  [0, 7, 9],
  [5, 7, 4],
])('from %d to %d by %d', async (start, end, step) => {
  const expected = filled([3, Math.ceil((end - start) / step), 2], (a, b, c) =>
    at(x, a!, start + b! * step, c!),
  );
  expectClose(await evaluateOn((v) => slice(v!, 1, start, end, step), [x]), expected);
  await checkGradients((v) => slice(v!, 1, start, end, step), [x]);
});

test('counts axes from the end too', () => {
  expect(slice(input('x', [3, 7, 2]), -1, 1, 2).shape).toEqual([3, 7, 1]);
});

test('overlapping slices add their gradients, and these can be differentiated again', async () => {
  await checkGradients(
    (v) => {
      const product = mul(slice(v!, 1, 0, 7, 2), slice(v!, 1, 1, 5));
      return gradients(reduceSum(mul(product, product), [0, 1, 2]), [v!])[0]!;
    },
    [sample([1, 7, 2], 2)],
  );
});

test.each([
  [0, 0, 0],
  [-1, 2, 1],
  [0, 8, 1],
  [3, 2, 1],
  [0, 3, 0],
  [0, 3, -1],
  [0.5, 3, 1],
  [0, 2.5, 1],
])('refuses %d to %d by %d', (start, end, step) => {
  expect(() => slice(input('x', [3, 7, 2]), 1, start, end, step)).toThrow(ParameterError);
});

test('refuses an axis that does not exist', () => {
  expect(() => slice(input('x', [3]), 1, 0, 1)).toThrow(ParameterError);
});
