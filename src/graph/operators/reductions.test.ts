import { describe, expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { testReduction } from '../testing/operator-cases.js';
import { at, distinct, expectClose, filled, sample } from '../testing/tensors.js';
import { gradients } from '../training/differentiate.js';
import { mul } from './elementwise.js';
import { reduceMax, reduceMean, reduceSum, sumTo } from './reductions.js';

describe('reduceSum', () => {
  testReduction(
    reduceSum,
    (elements) => elements.reduce((sum, value) => sum + value, 0),
    sample([2, 3, 4], 1),
  );
});

describe('reduceMean', () => {
  const mean = (elements: readonly number[]) =>
    elements.reduce((sum, value) => sum + value, 0) / elements.length;

  testReduction(reduceMean, mean, sample([2, 3, 4], 1));
});

describe('reduceMax', () => {
  testReduction(reduceMax, (elements) => Math.max(...elements), distinct([2, 3, 4], 1));

  test('equal maxima share the gradient evenly', async () => {
    const x = tensor([2, 3], [1, 3, 3, 2, 2, 2]);
    const slope = await evaluateOn(
      (v) => gradients(reduceSum(mul(reduceMax(v!, [1]), reduceMax(v!, [1])), [0, 1]), [v!])[0]!,
      [x],
    );
    expectClose(slope, tensor([2, 3], [0, 3, 3, 4 / 3, 4 / 3, 4 / 3]));
  });
});

describe('sumTo', () => {
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
});
