import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { pixelShuffle, pixelUnshuffle } from './pixel-shuffle.js';

test.each([2, 3])(
  'channel c r^2 + i r + j goes to row i and column j of each %dx block',
  async (r) => {
    const x = sample([2, 2 * r * r, 2, 3], 1);
    const expected = filled([2, 2, 2 * r, 3 * r], (n, c, y, z) =>
      at(x, n!, c! * r * r + (y! % r) * r + (z! % r), Math.floor(y! / r), Math.floor(z! / r)),
    );
    expectClose(await evaluateOn((v) => pixelShuffle(v!, r), [x]), expected);
    expectClose(await evaluateOn((v) => pixelUnshuffle(v!, r), [expected]), x);
  },
);

test('gradients', async () => {
  await checkGradients((v) => pixelShuffle(v!, 2), [sample([1, 8, 2, 1], 1)]);
  await checkGradients((v) => pixelUnshuffle(v!, 2), [sample([1, 2, 2, 4], 1)]);
});

test('refuses channels or sizes that do not divide, other ranks and factors', () => {
  expect(() => pixelShuffle(input('x', [1, 6, 2, 2]), 2)).toThrow(ParameterError);
  expect(() => pixelShuffle(input('x', [4, 2, 2]), 2)).toThrow(ParameterError);
  expect(() => pixelShuffle(input('x', [1, 4, 2, 2]), 0)).toThrow(ParameterError);
  expect(() => pixelUnshuffle(input('x', [1, 1, 3, 4]), 2)).toThrow(ParameterError);
  expect(() => pixelUnshuffle(input('x', [1, 1, 4, 3]), 2)).toThrow(ParameterError);
  expect(() => pixelUnshuffle(input('x', [1, 1, 4, 4]), 0.5)).toThrow(ParameterError);
});
