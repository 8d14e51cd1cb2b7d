import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { flip } from './flip.js';

test.each([0, 1, -1])('reverses axis %d', async (axis) => {
  const x = sample([2, 3, 4], 1);
  const place = (axis + 3) % 3;
  const expected = filled(x.shape, (...index) =>
    at(x, ...index.map((step, own) => (own === place ? x.shape[own]! - 1 - step : step))),
  );
  expectClose(await evaluateOn((v) => flip(v!, axis), [x]), expected);
  await checkGradients((v) => flip(v!, axis), [x]);
});

test('refuses an axis that does not exist', () => {
  expect(() => flip(input('x', [2]), 1)).toThrow(ParameterError);
});
