import { test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { evaluate } from '../testing/evaluate.js';
import { expectClose } from '../testing/tensors.js';
import { gradients } from '../training/differentiate.js';
import { mul, reduceSum, stopGradient } from './index.js';

const x = input('x', [3]);
const sum = (value: ReturnType<typeof mul>) => reduceSum(value, [0], false);
const point = tensor([3], [1, -2, 3]);

test('a stopped factor counts as a constant in the derivative', async () => {
  const loss = sum(mul(x, stopGradient(mul(x, x))));
  const [slope] = gradients(loss, [x]);
  const { y, d } = await evaluate({ y: loss, d: slope! }, { x: point });
  expectClose(y!, tensor([], [1 - 8 + 27]));
  expectClose(d!, tensor([3], [1, 4, 9]));
});

test('a variable that is only read behind it gets zeros', async () => {
  const [slope] = gradients(sum(stopGradient(x)), [x]);
  const { d } = await evaluate({ d: slope! }, { x: point });
  expectClose(d!, tensor([3]));
});
