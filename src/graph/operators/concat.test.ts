import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { concat } from './concat.js';
import { mul } from './mul.js';

test('puts values one after another', async () => {
  const parts = [sample([2, 1, 2], 1), sample([2, 3, 2], 2), sample([2, 2, 2], 3)];
  const expected = filled([2, 6, 2], (a, b, c) => {
    const [first, second, third] = parts;
    if (b! < 1) return at(first!, a!, b!, c!);
    return b! < 4 ? at(second!, a!, b! - 1, c!) : at(third!, a!, b! - 4, c!);
  });
  expectClose(await evaluateOn((...values) => concat(values, -2), parts), expected);
  await checkGradients((...values) => concat(values, -2), parts);
});

test('a value used twice gets both gradients', async () => {
  await checkGradients(
    (x, y) => concat([x!, mul(x!, y!), x!], 0),
    [sample([2, 2], 1), sample([2, 2], 2)],
  );
});

test('one value is returned as it is', () => {
  const x = input('x', [2]);
  expect(concat([x], 0)).toBe(x);
});

test('refuses nothing, other extents, ranks and types, and missing axes', () => {
  const x = input('x', [2, 3]);
  expect(() => concat([], 0)).toThrow(ParameterError);
  expect(() => concat([x, input('y', [3, 3])], 1)).toThrow(ParameterError);
  expect(() => concat([x, input('y', [2, 3, 1])], 1)).toThrow(ParameterError);
  expect(() => concat([x, input('y', [2, 3], 'int64')], 1)).toThrow(ParameterError);
  expect(() => concat([x, x], 2)).toThrow(ParameterError);
});
