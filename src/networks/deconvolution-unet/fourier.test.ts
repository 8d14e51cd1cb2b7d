import { expect, test } from 'vitest';
import { mul } from '../../graph/index.js';
import { evaluateOn } from '../../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import type { Tensor } from '../../tensor/tensor.js';
import {
  type Area,
  correlation,
  Fourier,
  gathered,
  power,
  product,
  slopePower,
  slopes,
} from './fourier.js';

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

const inner = (x: Tensor, y: Tensor): number =>
  x.data.reduce((sum, value, place) => sum + value * y.data[place]!, 0);

test('slopes are differences to the right and downwards, 0 at the end', async () => {
  const x = sample([2, 4, 5], 1);
  const expected = filled([2, 2, 4, 5], (n, way, row, column) => {
    const [i, j] = way === 0 ? [row!, column! + 1] : [row! + 1, column!];
    return i < 4 && j < 5 ? at(x, n!, i, j) - at(x, n!, row!, column!) : 0;
  });
  expectClose(await evaluateOn((v) => slopes(new Fourier(4, 5), v!), [x]), expected);
});

test.each([
  [1, 1],
  [4, 5],
  [7, 3],
])('gathering transposes the slopes of %i x %i pixels', async (height, width) => {
  const x = sample([2, height, width], 2);
  const g = filled([2, 2, height, width], (n, way, row, column) =>
    (way === 0 ? column! + 1 < width : row! + 1 < height)
      ? at(sample([2, 2, height, width], 3), n!, way!, row!, column!)
      : 0,
  );
  const left = await evaluateOn((v) => slopes(new Fourier(height, width), v!), [x]);
  const right = await evaluateOn((v) => gathered(v!), [g]);
  expect(inner(left, g)).toBeCloseTo(inner(x, right), 5);
});

test('the power of slopes is that of cyclic differences', async () => {
  const [height, width] = [6, 5];
  const fourier = new Fourier(height, width);
  const x = sample([1, height, width], 4);
  const twice = await evaluateOn(
    (v) => {
      const spectra = fourier.forward(v!);
      return fourier.inverse(mul(spectra, fourier.slopePower));
    },
    [x],
  );
  const wrapped = (row: number, column: number): number =>
    at(x, 0, (row + height) % height, (column + width) % width);
  const expected = filled([1, height, width], (_n, row, column) => {
    const own = 4 * wrapped(row!, column!);
    const beside = wrapped(row!, column! + 1) + wrapped(row!, column! - 1);
    return own - beside - wrapped(row! + 1, column!) - wrapped(row! - 1, column!);
  });
  expectClose(twice, expected, 1e-5);
  expect(slopePower(0, 0)).toBe(0);
  expect(slopePower(0.5, 0.5)).toBeCloseTo(8);
});

const spectrumSizes = [
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

test.each(spectrumSizes)(
  'products on %i x %i places are cyclic convolutions',
  async (height, width) => {
    const fourier = new Fourier(height, width);
    const [x, y] = [sample([2, height, width], 1), sample([2, height, width], 2)];
    const found = await evaluateOn(
      (a, b) => fourier.inverse(product(fourier.forward(a!), fourier.forward(b!))),
      [x, y],
    );
    expectClose(found, cyclic(x, y, -1), 1e-5);
  },
);

test.each(spectrumSizes)(
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
