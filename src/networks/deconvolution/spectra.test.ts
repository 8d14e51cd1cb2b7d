import { evaluateOn } from '../../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Fourier } from './fourier.js';
import { correlation, power, product } from './spectra.js';
import { test } from 'vitest';

const sizes = [
  [4, 6],
  [5, 3],
] as const;

/** Sums over all places p of x(p) y(q - p), or of x(p) y(q + p) where `sign` is 1. */
function cyclic(x: Tensor, y: Tensor, sign: 1 | -1): Tensor {
  const [, height, width] = x.shape as [number, number, number];
  return filled(x.shape, (n, row, column) => {
    let sum = 0;
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++)
        sum +=
          at(x, n!, i, j) *
          at(y, n!, (row! + sign * i + height) % height, (column! + sign * j + width) % width);
    return sum;
  });
}

test.each(sizes)('products on %i x %i places are cyclic convolutions', async (height, width) => {
  const fourier = new Fourier(height, width);
  const [x, y] = [sample([2, height, width], 1), sample([2, height, width], 2)];
  const found = await evaluateOn(
    (a, b) => fourier.inverse(product(fourier.forward(a!), fourier.forward(b!))),
    [x, y],
  );
  expectClose(found, cyclic(x, y, -1), 1e-5);
});

test.each(sizes)(
  'on %i x %i places the first is conjugated in a correlation',
  async (height, width) => {
    const fourier = new Fourier(height, width);
    const [x, y] = [sample([2, height, width], 3), sample([2, height, width], 4)];
    const found = await evaluateOn(
      (a, b) => fourier.inverse(correlation(fourier.forward(a!), fourier.forward(b!))),
      [x, y],
    );
    expectClose(found, cyclic(x, y, 1), 1e-5);
  },
);

test('the power is the correlation of a spectrum with itself, for both parts', async () => {
  const fourier = new Fourier(5, 6);
  const spectrum = await evaluateOn((v) => fourier.forward(v!), [sample([1, 5, 6], 5)]);
  const found = await evaluateOn((v) => power(v!), [spectrum]);
  const { across } = fourier;
  const expected = filled(spectrum.shape, (n, u, place) => {
    const v = place! % across;
    return at(spectrum, n!, u!, v) ** 2 + at(spectrum, n!, u!, v + across) ** 2;
  });
  expectClose(found, expected, 1e-5);
});
