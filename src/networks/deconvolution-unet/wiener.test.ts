import { expect, test } from 'vitest';
import { constant, type Value } from '../../graph/index.js';
import { evaluateOn } from '../../graph/testing/evaluate.js';
import { at, filled } from '../../graph/testing/tensors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { blurredBy, rectangles } from '../testing/scenes.js';
import { deconvolve } from './wiener.js';

const size = 9;
/** A bent path, and a single point. */
const bent = filled([1, size, size], (_, i, j) =>
  (i === 4 && j! >= 2 && j! <= 5) || (j === 5 && i! > 4 && i! < 7) ? 1 / 6 : 0,
);
const point = filled([1, size, size], (_, i, j) => (i === 4 && j === 4 ? 1 : 0));
const sharp = rectangles(80, 72, 1);
const blurred = blurredBy(sharp, bent);

const plane = ({ shape, data }: Tensor): Tensor => tensor([1, 1, ...shape.slice(1)], data);

function errorOf(result: Tensor, channel = 0): number {
  let sum = 0;
  for (let i = 8; i < 72; i++)
    for (let j = 8; j < 64; j++) sum += (at(result, 0, channel, i, j) - at(sharp, 0, i, j)) ** 2;
  return sum / (64 * 56);
}

const deconvolved = (kernel: Tensor, regularisations: readonly number[]) =>
  evaluateOn((v: Value) => deconvolve(v, constant(kernel), regularisations), [plane(blurred)]);

test('known blur is undone: the error falls by 10 dB', async () => {
  const before = errorOf(plane(blurred));
  const after = errorOf(await deconvolved(bent, [1e-4]));
  expect(10 * Math.log10(before / after)).toBeGreaterThan(10);
});

test('a kernel of one point leaves the image as it is', async () => {
  const result = await deconvolved(point, [1e-6]);
  for (let i = 0; i < 80; i++)
    for (let j = 0; j < 72; j++)
      expect(Math.abs(at(result, 0, 0, i, j) - at(blurred, 0, i, j))).toBeLessThan(1e-3);
});

test('results come by kernel, then by regularisation', async () => {
  const kernels = tensor([2, size, size], [...bent.data, ...point.data]);
  const all = await deconvolved(kernels, [1e-4, 1e-1]);
  expect(all.shape).toEqual([1, 4, 80, 72]);
  const weak = await deconvolved(bent, [1e-4]);
  const strong = await deconvolved(point, [1e-1]);
  const pixels = 80 * 72;
  for (let i = 0; i < pixels; i++) {
    expect(all.data[i]).toBeCloseTo(weak.data[i]!, 4);
    expect(all.data[3 * pixels + i]).toBeCloseTo(strong.data[i]!, 4);
  }
});
