import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';

import { sumTo } from './sum-to.js';

test.each([
  [[2, 3], [3]],
  [
    [2, 3, 4],
    [2, 1, 4],
  ],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [[2, 3], []],
  [[1, 3], [3]],
  [
    [2, 3],
    [1, 1],
  ],
])('[%s] to [%s] is the adjoint of broadcasting', async (from, to) => {
  const x = sample(from, 1);
  const expected = new Float32Array(to.reduce((product, extent) => product * extent, 1));
  filled(from, (...index) => {
    const place = to.reduce((sum, extent, axis) => {
      const step = index[axis + from.length - to.length]!;
      return sum * extent + (extent === 1 ? 0 : step);
    }, 0);
    expected[place]! += at(x, ...index);
    return 0;
  });
  expectClose(await evaluateOn((v) => sumTo(v!, to), [x]), tensor(to, expected));
  await checkGradients((v) => sumTo(v!, to), [x]);
});

test('the same shape returns the value as it is', () => {
  const x = input('x', [2, 1]);
  expect(sumTo(x, [2, 1])).toBe(x);
});
