import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { input, parameter } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluate, evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { prelu } from './prelu.js';

const x = sample([2, 3, 2], 1, { gap: 0.1 });

test.each([
  [[3, 1], (c: number) => [c, 0]],
  [[1], () => [0]],
  [[2, 3, 2], (c: number, n: number, z: number) => [n, c, z]],
] as const)('slopes of shape %s', async (shape, place) => {
  const slopes = sample([...shape], 2);
  const expected = filled(x.shape, (n, c, z) => {
    const value = at(x, n!, c!, z!);
    return value > 0 ? value : value * at(slopes, ...place(c!, n!, z!));
  });
  expectClose(await evaluateOn((v, s) => prelu(v!, s!), [x, slopes]), expected);
  await checkGradients((v, s) => prelu(v!, s!), [x, slopes]);
});

test('refuses slopes that x does not cover, and integers', () => {
  expect(() => prelu(input('x', [2]), input('s', [3, 2]))).toThrow(ParameterError);
  expect(() => prelu(input('x', [2], 'int64'), input('s', [2]))).toThrow(ParameterError);
  expect(() => prelu(input('x', [2]), input('s', [2], 'int64'))).toThrow(ParameterError);
});

test('a single slope that is part of the model gives the same values', async () => {
  const slope = parameter('slope', [1]);
  const build = () => prelu(input('x', x.shape), slope);
  const known = await evaluate({ y: build() }, { x }, new Map([['slope', tensor([1], [-0.3])]]));
  const fed = await evaluate({ y: build() }, { x, slope: tensor([1], [-0.3]) });
  expectClose(known.y!, fed.y!, 0);
});
