import { expect, test } from 'vitest';
import { evaluateOn } from '../graph/testing/evaluate.js';
import { tensor } from '../tensor/tensor.js';
import { buildLoss, type LossName } from './losses.js';

const shape = [2, 1, 1, 3];
const estimate = [0, 0.5, -1, 2, 0.25, 0];
const target = [0, 0, 1, 0, 0, 3];
const errors = estimate.map((value, i) => value - target[i]!);

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test.each<[LossName, (error: number) => number]>([
  ['mse', (error) => error ** 2],
  ['l1', Math.abs],
  ['charbonnier', (error) => Math.sqrt(error ** 2 + 1e-6)],
])('%s is the mean of its law over all elements, weighted by sample', async (name, law) => {
  const pair = [tensor(shape, estimate), tensor(shape, target)];
  const plain = await evaluateOn((a, b) => buildLoss(name, a!, b!), pair);
  expect(plain.shape).toEqual([]);
  expect(plain.data[0]).toBeCloseTo(mean(errors.map(law)), 6);
  const weights = [2, 0.5];
  const weighted = await evaluateOn(
    (a, b, w) => buildLoss(name, a!, b!, w!),
    [...pair, tensor([2, 1, 1, 1], weights)],
  );
  const each = errors.map((error, i) => weights[Math.floor(i / 3)]! * law(error));
  expect(weighted.data[0]).toBeCloseTo(mean(each), 6);
});
