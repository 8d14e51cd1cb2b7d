import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { expectClose } from '../testing/tensors.js';
import { clip } from './clip.js';

const x = tensor([6], [-2, -0.75, -0.25, 0.125, 0.75, 2]);

test.each([
  { minimum: -0.5, maximum: 0.5 },
  { minimum: 0.25, maximum: 0.25 },
  { minimum: -Infinity, maximum: 0.5 },
])('limits to %o, the gradient vanishing beyond', async (bounds) => {
  const limited = x.data.map((value) => Math.min(Math.max(value, bounds.minimum), bounds.maximum));
  expectClose(await evaluateOn((v) => clip(v!, bounds), [x]), tensor([6], limited));
  await checkGradients((v) => clip(v!, bounds), [x]);
});

test('refuses crossed or missing bounds and integers', () => {
  expect(() => clip(input('x', [2]), { minimum: 1, maximum: 0 })).toThrow(ParameterError);
  expect(() => clip(input('x', [2]), { minimum: 0, maximum: Number.NaN })).toThrow(ParameterError);
  expect(() => clip(input('x', [2], 'int64'), { minimum: 0, maximum: 1 })).toThrow(ParameterError);
});
