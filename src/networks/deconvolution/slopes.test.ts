import { mul } from '../../graph/index.js';
import { evaluateOn } from '../../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Fourier } from './fourier.js';
import { slopePower } from './slope-power.js';
import { gathered, slopes } from './slopes.js';
import { expect, test } from 'vitest';

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
