import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { evaluateOn } from '../testing/evaluate.js';
import { equal } from './equal.js';

test('compares under broadcasting and gives booleans', async () => {
  const x = tensor([2, 1], [1, 2]);
  const y = tensor([3], [0, 1, 2]);
  const result = await evaluateOn((a, b) => equal(a!, b!), [x, y]);
  expect(result.dataType).toBe('bool');
  expect(result.shape).toEqual([2, 3]);
  expect([...result.data]).toEqual([0, 1, 0, 0, 0, 1]);
});

test('refuses shapes that do not broadcast, and mixed types', () => {
  expect(() => equal(input('x', [2, 3]), input('y', [2]))).toThrow(ParameterError);
  expect(() => equal(input('x', [2]), input('y', [2], 'int32'))).toThrow(ParameterError);
});
