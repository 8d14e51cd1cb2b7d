import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { testSecondDerivative, testUnary } from '../testing/elementwise.js';
import { evaluateOn } from '../testing/evaluate.js';
import { cos } from './cos.js';

testUnary(cos, Math.cos, { low: -3, high: 3 });

testSecondDerivative(cos);

test('is exact to 2e-7 over thousands of radians', async () => {
  const x = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) * 1.37);
  const result = await evaluateOn((v) => cos(v!), [tensor([x.length], x)]);
  const errors = result.data.map((value, i) => Math.abs(value - Math.cos(x[i]!)));
  expect(Math.max(...errors)).toBeLessThan(2e-7);
});
