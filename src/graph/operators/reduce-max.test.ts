import { test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { evaluateOn } from '../testing/evaluate.js';
import { testReduction } from '../testing/reductions.js';
import { distinct, expectClose } from '../testing/tensors.js';
import { gradients } from '../training/differentiate.js';
import { mul } from './mul.js';
import { reduceMax } from './reduce-max.js';
import { reduceSum } from './reduce-sum.js';

testReduction(reduceMax, (elements) => Math.max(...elements), distinct([2, 3, 4], 1));

test('equal maxima share the gradient evenly', async () => {
  const x = tensor([2, 3], [1, 3, 3, 2, 2, 2]);
  const slope = await evaluateOn(
    (v) => gradients(reduceSum(mul(reduceMax(v!, [1]), reduceMax(v!, [1])), [0, 1]), [v!])[0]!,
    [x],
  );
  expectClose(slope, tensor([2, 3], [0, 3, 3, 4 / 3, 4 / 3, 4 / 3]));
});
