import { describe, expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { testUnary } from '../testing/elementwise.js';
import { evaluateOn } from '../testing/evaluate.js';
import { gradients } from '../training/differentiate.js';
import { leakyRelu } from './leaky-relu.js';
import { mul } from './mul.js';
import { reduceSum } from './reduce-sum.js';

describe.each([0.2, 0, 1, 1.5, -0.3])('slope %d', (slope) => {
  testUnary(
    (x) => leakyRelu(x, slope),
    (x) => (x > 0 ? x : slope * x),
    { gap: 0.1, extremes: [0, -1e30, 1e30] },
  );
});

test('the gradient is exactly the upstream one or its multiple by the slope', async () => {
  const x = tensor([5], [-2, -1e-40, 0, 1e-40, 3]);
  const upstream = tensor([5], [5, 6, 7, 8, 9]);
  const gradient = await evaluateOn(
    (value, weight) =>
      gradients(reduceSum(mul(leakyRelu(value!, 0.2), weight!), [0]), [value!])[0]!,
    [x, upstream],
  );
  const slope = Math.fround(0.2);
  expect([...gradient.data]).toEqual([5, 6, 7].map((u) => Math.fround(u * slope)).concat(8, 9));
});
