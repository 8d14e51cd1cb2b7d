import { expect, test } from 'vitest';
import { constant } from '../../graph/index.js';
import { evaluate, evaluateOn } from '../../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import {
  aroundOrigin,
  centred,
  enlarge,
  enlarged,
  firstKernels,
  pruned,
  reduce,
} from './kernels.js';

const half = (kernels: Tensor, part: number): Promise<Tensor> =>
  evaluateOn(
    (v) =>
      pruned(
        v!,
        constant(tensor([kernels.shape[0]!, 1, 1], new Float32Array(kernels.shape[0]!).fill(part))),
      ),
    [kernels],
  );

function points(size: number, entries: readonly (readonly [number, number, number])[]): Tensor {
  return filled([1, size, size], (_n, row, column) =>
    entries.reduce((sum, [i, j, value]) => (i === row && j === column ? sum + value : sum), 0),
  );
}

/** Sum and centre of gravity, in entries from the middle. */
function gravity(kernels: Tensor): { sum: number; down: number; across: number } {
  const size = kernels.shape[1]!;
  let [sum, down, across] = [0, 0, 0];
  for (const [place, value] of kernels.data.entries()) {
    sum += value;
    down += value * (Math.floor(place / size) - (size - 1) / 2);
    across += value * ((place % size) - (size - 1) / 2);
  }
  return { sum, down: down / sum, across: across / sum };
}

test('what hangs together with the largest entry stays, also across corners', async () => {
  const path = [
    [2, 2, 1],
    [3, 3, 0.5],
    [3, 4, 0.5],
  ] as const;
  const estimate = points(9, [...path, [7, 7, 0.9], [2, 3, 0.04], [1, 1, -0.7]]);
  const expected = points(
    9,
    path.map(([row, column, value]) => [row, column, value / 2]),
  );
  expectClose(await half(estimate, 0.05), expected, 1e-6);
});

test('pruned kernels sum to 1, each by itself', async () => {
  const both = filled(
    [2, 7, 7],
    (n, row, column) =>
      Math.exp(-((row! - 3) ** 2 + (column! - 2 - n!) ** 2) / 3) * (n === 0 ? 1e-3 : 40),
  );
  const found = await half(both, 0.1);
  for (const kernel of [0, 1]) {
    const own = found.data.slice(kernel * 49, (kernel + 1) * 49);
    expect(own.reduce((sum, value) => sum + value)).toBeCloseTo(1, 5);
    expect(own.filter((value) => value > 0).length).toBeGreaterThan(5);
  }
});

test('where nothing is positive all light is in the middle', async () => {
  for (const value of [0, -0.5]) {
    const found = await half(
      filled([1, 5, 5], () => value),
      0.05,
    );
    expectClose(found, points(5, [[2, 2, 1]]), 1e-6);
  }
});

/** A round kernel of the sum 1. */
const bump = (row: number, column: number): Tensor =>
  filled(
    [1, 15, 15],
    (_n, i, j) => Math.exp(-((i! - row) ** 2 + (j! - column) ** 2) / 3) / (3 * Math.PI),
  );

test.each([
  [6.3, 7.8],
  [8.25, 5.5],
  [7, 7],
])('the centre of gravity (%f, %f) moves to the middle', async (row, column) => {
  const found = gravity(await evaluateOn((v) => centred(v!), [bump(row, column)]));
  expect(found.sum).toBeCloseTo(1, 5);
  expect(Math.abs(found.down)).toBeLessThan(1e-3);
  expect(Math.abs(found.across)).toBeLessThan(1e-3);
});

test('by whole pixels entries move without a change', async () => {
  const kernel = points(9, [
    [1, 5, 0.25],
    [2, 5, 0.5],
    [3, 6, 0.25],
  ]);
  const moved = points(9, [
    [3, 4, 0.25],
    [4, 4, 0.5],
    [5, 5, 0.25],
  ]);
  const alone = points(9, [[8, 0, 1]]);
  expectClose(await evaluateOn((v) => centred(v!, true), [kernel]), moved, 1e-5);
  expectClose(await evaluateOn((v) => centred(v!, true), [alone]), points(9, [[4, 4, 1]]), 1e-5);
  expectClose(await evaluateOn((v) => centred(v!), [alone]), points(9, [[4, 4, 1]]), 1e-5);
});

test('enlarged kernels have the same form and the sum 1', async () => {
  const kernel = await evaluateOn((v) => enlarged(v!, 30), [bump(7, 7)]);
  const { sum, down, across } = gravity(kernel);
  expect(sum).toBeCloseTo(1, 5);
  expect(Math.hypot(down, across)).toBeLessThan(1e-3);
  expect(at(kernel, 0, 14, 14) / at(kernel, 0, 14, 18)).toBeCloseTo(
    Math.exp((1.75 ** 2 - 0.25 ** 2) / 3),
    0,
  );
});

test('the first kernels move half of the light by one pixel', async () => {
  const { y } = await evaluate({ y: firstKernels(2, 5) });
  const one = points(5, [
    [2, 1, 0.5],
    [2, 2, 0.5],
  ]);
  expectClose(y!, tensor([2, 5, 5], [...one.data, ...one.data]), 0);
});

test('the middle of a kernel is the origin', () => {
  expect(aroundOrigin(7).rows).toEqual({ first: -3, count: 7 });
  expect(aroundOrigin(7).columns).toEqual({ first: -3, count: 7 });
});

const cases = [
  [reduce, 24, 20, 12, 10],
  [reduce, 24, 20, 17, 13],
  [enlarge, 8, 9, 16, 18],
  [enlarge, 9, 8, 13, 15],
] as const;

test.each(cases)('%o of %i x %i pixels keeps what is even', async (change, h, w, height, width) => {
  const grey = filled([2, h, w], (n) => 0.25 + n!);
  const found = await evaluateOn((v) => change(v!, height, width), [grey]);
  expectClose(
    found,
    filled([2, height, width], (n) => 0.25 + n!),
    1e-6,
  );
});

test.each(cases)(
  '%o of a ramp of %i x %i is a ramp inside',
  async (change, h, w, height, width) => {
    const ramp = filled(
      [1, h, w],
      (_n, row, column) => 0.1 * (row! + 0.5) - 0.05 * (column! + 0.5),
    );
    const found = await evaluateOn((v) => change(v!, height, width), [ramp]);
    const border = change === enlarge ? 4 : 2;
    for (let row = border; row < height - border; row++)
      for (let column = border; column < width - border; column++) {
        const place = [((row + 0.5) * h) / height, ((column + 0.5) * w) / width] as const;
        const error = at(found, 0, row, column) - (0.1 * place[0] - 0.05 * place[1]);
        expect(Math.abs(error), `${row}, ${column}`).toBeLessThan(
          change === enlarge ? 0.012 : 1e-2,
        );
      }
  },
);

test('an image of its own size is left as it is', async () => {
  const x = sample([2, 6, 7], 1);
  for (const change of [reduce, enlarge])
    expectClose(await evaluateOn((v) => change(v!, 6, 7), [x]), x, 1e-6);
});
