import { expect, test } from 'vitest';
import { divide } from './divide.js';

test('everything is somebody’s, and nobody has much more than another', () => {
  const sizes = Array.from({ length: 40 }, (_, index) => 1 + ((index * 37) % 23));
  for (const workers of [1, 2, 3, 7]) {
    const shares = divide(sizes, workers);
    expect(shares).toHaveLength(workers);
    expect(shares.flat().sort((a, b) => a - b)).toEqual([...sizes.keys()]);
    const totals = shares.map((share) => share.reduce((sum, index) => sum + sizes[index]!, 0));
    expect(Math.max(...totals) - Math.min(...totals)).toBeLessThanOrEqual(23);
    for (const share of shares) expect(share).toEqual([...share].sort((a, b) => a - b));
  }
});

test('a large thing is alone, and whom nothing is left for has nothing', () => {
  expect(divide([1, 100, 2, 3], 2)).toEqual([[1], [0, 2, 3]]);
  expect(divide([5], 3)).toEqual([[0], [], []]);
});
