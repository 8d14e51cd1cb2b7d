import { evaluateOn } from '../../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { type Area, Fourier } from './fourier.js';
import { expect, test } from 'vitest';

const sizes = [
  [1, 1],
  [2, 3],
  [5, 4],
  [6, 8],
  [7, 9],
] as const;

/** The sum over all places of an array that begins at `first`, [N, height, 2 F]. */
function directly(x: Tensor, { height, width, across }: Fourier, first = [0, 0]): Tensor {
  const [batch, rows, columns] = x.shape as [number, number, number];
  return filled([batch, height, 2 * across], (n, u, place) => {
    const v = place! % across;
    let sum = 0;
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const turns = (u! * (row + first[0]!)) / height + (v * (column + first[1]!)) / width;
        const angle = -2 * Math.PI * turns;
        sum += at(x, n!, row, column) * (place! < across ? Math.cos(angle) : Math.sin(angle));
      }
    return sum;
  });
}

test.each(sizes)('the transform of %i x %i places is the direct sum', async (height, width) => {
  const fourier = new Fourier(height, width);
  const x = sample([2, height, width], 1);
  expectClose(await evaluateOn((v) => fourier.forward(v!), [x]), directly(x, fourier), 1e-5);
});

const around: Area = { rows: { first: -2, count: 5 }, columns: { first: -1, count: 3 } };

test.each([
  [8, 6],
  [7, 5],
])(
  'an array around the origin of %i x %i places is transformed where it lies',
  async (height, width) => {
    const fourier = new Fourier(height, width);
    const x = sample([2, 5, 3], 2);
    const spectra = await evaluateOn((v) => fourier.forward(v!, around), [x]);
    expectClose(spectra, directly(x, fourier, [-2, -1]), 1e-5);
    expectClose(await evaluateOn((v) => fourier.inverse(v!, around), [spectra]), x, 1e-5);
  },
);

test.each(sizes)('the inverse gives an array of %i x %i back', async (height, width) => {
  const fourier = new Fourier(height, width);
  const x = sample([2, height, width], 3);
  expectClose(await evaluateOn((v) => fourier.inverse(fourier.forward(v!)), [x]), x, 1e-5);
});

test('an area of the inverse is that part of the whole, cyclically', async () => {
  const fourier = new Fourier(6, 7);
  const x = sample([1, 6, 7], 4);
  const part = await evaluateOn((v) => fourier.inverse(fourier.forward(v!), around), [x]);
  const expected = filled([1, 5, 3], (n, row, column) =>
    at(x, n!, (row! + 4) % 6, (column! + 6) % 7),
  );
  expectClose(part, expected, 1e-5);
});

test.each(sizes)('%i x %i places have the energy of their spectrum', async (height, width) => {
  const fourier = new Fourier(height, width);
  const x = sample([1, height, width], 5);
  const spectrum = await evaluateOn((v) => fourier.forward(v!), [x]);
  const energy = x.data.reduce((sum, value) => sum + value ** 2, 0);
  let found = 0;
  for (let u = 0; u < height; u++)
    for (let v = 0; v < fourier.across; v++) {
      const times = v === 0 || 2 * v === width ? 1 : 2;
      for (const part of [v, v + fourier.across]) found += times * at(spectrum, 0, u, part) ** 2;
    }
  expect(found / (height * width)).toBeCloseTo(energy, 4);
});
