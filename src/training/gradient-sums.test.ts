import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { GradientSums } from './gradient-sums.js';

const outputs = (a: readonly number[], b: readonly number[]) => ({
  loss: tensor([], [1]),
  'gradient:a': tensor([a.length], a),
  'gradient:b': tensor([b.length], b),
});

test('gradients are added in single precision in their order, with the squares of the sums', () => {
  const sums = new GradientSums(['a', 'b']);
  for (let step = 0; step < 2; step += 1) {
    sums.clear();
    sums.add(outputs([1, 2, 3], [1e8, 0]));
    sums.add(outputs([10, 20, 30], [1, -4]));
    sums.add(outputs([100, 200, 300], [-1e8, 1]));
    expect(sums.batches).toBe(3);
    expect(sums.sums.map((sum) => [...sum])).toEqual([
      [111, 222, 333],
      [0, -3],
    ]);
    expect([...sums.squares]).toEqual([111 ** 2 * 14, 9]);
  }
});

test('the arrays of the second batch on may be used again at once', () => {
  const sums = new GradientSums(['a', 'b']);
  const [first, second] = [outputs([1], [2]), outputs([3], [4])];
  sums.clear();
  sums.add(first);
  sums.add(second);
  for (const { data } of Object.values({ ...first, ...second })) data.fill(Number.NaN);
  sums.add(outputs([5], [6]));
  expect(sums.sums.map((sum) => [...sum])).toEqual([[9], [12]]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'squares tell of a %d wherever it stands',
  (bad) => {
    for (let at = 0; at < 5; at += 1)
      for (const batch of [0, 1]) {
        const sums = new GradientSums(['a', 'b']);
        sums.clear();
        for (const number of [0, 1]) {
          const values = [0, 1, 2, 3, 4];
          if (number === batch) values[at] = bad;
          sums.add(outputs([1], values));
        }
        expect([...sums.squares].map(Number.isFinite)).toEqual([true, false]);
      }
  },
);
