import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { testUnary } from '../testing/elementwise.js';
import { evaluateOn } from '../testing/evaluate.js';
import { sign } from './sign.js';

testUnary(sign, Math.sign, { gap: 0.1 });

test('is 0 at 0', async () => {
  const result = await evaluateOn((x) => sign(x!), [tensor([1], [0])]);
  expect([...result.data]).toEqual([0]);
});
