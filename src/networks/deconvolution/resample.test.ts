import { evaluateOn } from '../../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import { enlarge, reduce } from './resample.js';
import { expect, test } from 'vitest';

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

test('a picture of its own size is left as it is', async () => {
  const x = sample([2, 6, 7], 1);
  for (const change of [reduce, enlarge])
    expectClose(await evaluateOn((v) => change(v!, 6, 7), [x]), x, 1e-6);
});
