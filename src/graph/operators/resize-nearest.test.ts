import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';

import { resizeNearest } from './resize-nearest.js';

test.each([1, 2, 3])('repeats every pixel %d times', async (factor) => {
  const x = sample([2, 2, 2, 3], 1);
  const expected = filled([2, 2, 2 * factor, 3 * factor], (n, c, y, z) =>
    at(x, n!, c!, Math.floor(y! / factor), Math.floor(z! / factor)),
  );
  expectClose(await evaluateOn((v) => resizeNearest(v!, factor), [x]), expected);
  await checkGradients((v) => resizeNearest(v!, factor), [x]);
});

test('refuses other ranks and broken factors', () => {
  expect(() => resizeNearest(input('x', [3, 4, 4]), 2)).toThrow(ParameterError);
  expect(() => resizeNearest(input('x', [1, 3, 4, 4]), 1.5)).toThrow(ParameterError);
  expect(() => resizeNearest(input('x', [1, 3, 4, 4]), 0)).toThrow(ParameterError);
});
