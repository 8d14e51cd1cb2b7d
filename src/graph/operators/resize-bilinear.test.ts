import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';

import { resizeBilinear } from './resize-bilinear.js';

function sourceOf(place: number, from: number, to: number, alignCorners: boolean): number {
  if (alignCorners) return to === 1 ? 0 : (place * (from - 1)) / (to - 1);
  return Math.min(Math.max(((place + 0.5) * from) / to - 0.5, 0), from - 1);
}

const sizes: [number, number][] = [
  [6, 8],
  [5, 7],
  [2, 3],
  [1, 1],
  [3, 9],
];
const cases = sizes.flatMap((size) =>
  [true, false].map((alignCorners) => ({ size, alignCorners })),
);

test.each(cases)('to $size, corners aligned: $alignCorners', async ({ size, alignCorners }) => {
  const x = sample([2, 2, 3, 4], 1);
  const expected = filled([2, 2, ...size], (n, c, y, z) => {
    const row = sourceOf(y!, 3, size[0], alignCorners);
    const column = sourceOf(z!, 4, size[1], alignCorners);
    const [top, left] = [Math.floor(row), Math.floor(column)];
    const [down, right] = [row - top, column - left];
    const pixel = (i: number, j: number) => at(x, n!, c!, Math.min(i, 2), Math.min(j, 3));
    return (
      (1 - down) * ((1 - right) * pixel(top, left) + right * pixel(top, left + 1)) +
      down * ((1 - right) * pixel(top + 1, left) + right * pixel(top + 1, left + 1))
    );
  });
  expectClose(await evaluateOn((v) => resizeBilinear(v!, size, { alignCorners }), [x]), expected);
  await checkGradients((v) => resizeBilinear(v!, size, { alignCorners }), [x]);
});

test('refuses other ranks, sizes that are no positive integers, and integers', () => {
  expect(() => resizeBilinear(input('x', [3, 4, 4]), [2, 2])).toThrow(ParameterError);
  expect(() => resizeBilinear(input('x', [1, 3, 4, 4]), [0, 2])).toThrow(ParameterError);
  expect(() => resizeBilinear(input('x', [1, 3, 4, 4]), [2, 2.5])).toThrow(ParameterError);
  expect(() => resizeBilinear(input('x', [1, 3, 4, 4], 'uint8'), [2, 2])).toThrow(ParameterError);
});
