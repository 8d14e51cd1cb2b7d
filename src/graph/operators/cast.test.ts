import { expect, test } from 'vitest';
import type { DataType } from '../../tensor/tensor.js';
import { tensor } from '../../tensor/tensor.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { sample } from '../testing/tensors.js';
import { add } from './add.js';
import { cast } from './cast.js';
import { mul } from './mul.js';

const x = tensor([4], [0, 1, 2.75, 100]);

test.each<[DataType, (number | bigint)[]]>([
  ['float64', [0, 1, 2.75, 100]],
  ['int64', [0n, 1n, 2n, 100n]],
  ['int32', [0, 1, 2, 100]],
  ['int16', [0, 1, 2, 100]],
  ['int8', [0, 1, 2, 100]],
  ['uint16', [0, 1, 2, 100]],
  ['uint8', [0, 1, 2, 100]],
  ['bool', [0, 1, 1, 1]],
])('to %s', async (dataType, expected) => {
  const result = await evaluateOn((value) => cast(value!, dataType), [x]);
  expect(result.dataType).toBe(dataType);
  expect([...result.data]).toEqual(expected);
});

test('to float16 and back keeps what 11 bits hold', async () => {
  const value = tensor([3], [0.5, 1 / 3, 2049]);
  const result = await evaluateOn((v) => cast(cast(v!, 'float16'), 'float32'), [value]);
  expect([...result.data]).toEqual([0.5, 0.333251953125, 2048]);
});

test('to bfloat16 and back keeps 8 bits', async () => {
  const value = tensor([2], [1.5, 1 + 1 / 512]);
  const result = await evaluateOn((v) => cast(cast(v!, 'bfloat16'), 'float32'), [value]);
  expect([...result.data]).toEqual([1.5, 1]);
});

test('the gradient passes between real types', async () => {
  await checkGradients(
    (v) => cast(mul(cast(v!, 'float64'), cast(v!, 'float64')), 'float32'),
    [sample([3], 1)],
  );
});

test('integers carry no gradient', async () => {
  await checkGradients(
    (v) => add(cast(cast(v!, 'int32'), 'float32'), v!),
    [tensor([2], [0.5, 1.5])],
  );
});
