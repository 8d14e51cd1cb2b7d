import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { evaluate } from '../testing/evaluate.js';
import { expectClose, sample } from '../testing/tensors.js';
import { clipToNorm } from './gradient-norm.js';

const shapes = [[2, 3], [], [4]];
const gradients = shapes.map((shape, index) => input(`g${index}`, shape));

async function clipped(values: readonly ReturnType<typeof sample>[], limit: number) {
  const { gradients: shortened, squares } = clipToNorm(gradients, limit);
  const named = Object.fromEntries(shortened.map((value, index) => [`s${index}`, value]));
  const feeds = Object.fromEntries(values.map((value, index) => [`g${index}`, value]));
  const result = await evaluate({ ...named, squares }, feeds);
  return { results: shapes.map((_, index) => result[`s${index}`]!), squares: result.squares! };
}

const values = shapes.map((shape, index) => sample(shape, index + 1));
const squaresOf = values.map(({ data }) => data.reduce((sum, value) => sum + value * value, 0));
const norm = Math.sqrt(squaresOf.reduce((sum, value) => sum + value, 0));

test('gradients longer than the limit keep their direction and have its norm together', async () => {
  const { results, squares } = await clipped(values, norm / 4);
  results.forEach((result, index) => {
    const { shape, data } = values[index]!;
    expectClose(
      result,
      tensor(
        shape,
        data.map((value) => value / 4),
      ),
    );
  });
  expectClose(squares, tensor([3], squaresOf));
});

test('shorter gradients keep their bits, and zeros stay zeros', async () => {
  const { results } = await clipped(values, norm * 1.01);
  expect(results.map(({ data }) => data)).toEqual(values.map(({ data }) => data));
  const zeros = shapes.map((shape) => tensor(shape));
  const still = await clipped(zeros, 1);
  for (const { data } of still.results) expect(data.every((value) => value === 0)).toBe(true);
});

test('the squares tell which gradient is not a number, though all of them become so', async () => {
  const bad = [values[0]!, tensor([], [Number.NaN]), values[2]!];
  const { squares, results } = await clipped(bad, 1);
  expect([...squares.data].map(Number.isFinite)).toEqual([true, false, true]);
  expect(results[0]!.data.some(Number.isFinite)).toBe(false);
});
