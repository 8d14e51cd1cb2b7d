import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';

import { roll } from './roll.js';

const x = sample([2, 5, 2], 1);

test.each([1, -1, 3, -7, 12])('by %d places', async (shift) => {
  const expected = filled(x.shape, (a, b, c) => at(x, a!, (((b! - shift) % 5) + 5) % 5, c!));
  expectClose(await evaluateOn((v) => roll(v!, 1, shift), [x]), expected);
  await checkGradients((v) => roll(v!, 1, shift), [x]);
});

test('a whole turn returns the value as it is', () => {
  const value = input('x', [2, 5]);
  expect(roll(value, -1, 10)).toBe(value);
});

test('refuses half places and missing axes', () => {
  expect(() => roll(input('x', [2]), 0, 0.5)).toThrow(ParameterError);
  expect(() => roll(input('x', [2]), 1, 1)).toThrow(ParameterError);
});
