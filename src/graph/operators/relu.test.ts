import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { testUnary } from '../testing/elementwise.js';
import { evaluateOn } from '../testing/evaluate.js';
import { gradients } from '../training/differentiate.js';
import { mul } from './mul.js';
import { reduceSum } from './reduce-sum.js';
import { relu } from './relu.js';

testUnary(relu, (x) => Math.max(x, 0), { gap: 0.1, extremes: [0, -1e30, 1e30] });

test('the gradient is exactly the upstream one or 0, and 0 at 0', async () => {
  const x = tensor([5], [-2, -1e-40, 0, 1e-40, 3]);
  const upstream = tensor([5], [5, 6, 7, 8, 9]);
  const gradient = await evaluateOn(
    (value, weight) => gradients(reduceSum(mul(relu(value!), weight!), [0]), [value!])[0]!,
    [x, upstream],
  );
  expect([...gradient.data].map((value) => value + 0)).toEqual([0, 0, 0, 8, 9]);
});
