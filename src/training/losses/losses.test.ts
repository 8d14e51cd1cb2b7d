import { expect, test } from 'vitest';
import { abs, input, lowerToOnnx, reduceSum, sub, type Value } from '../../graph/index.js';
import { evaluateOn } from '../../graph/testing/evaluate.js';
import { sample } from '../../graph/testing/tensors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { Loss } from '../custom.js';
import { buildLoss, buildObjective, type LossName } from './losses.js';

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

const large = [2, 1, 8, 8];
const random = (seed: number): Tensor => sample(large, seed);

/** The objective on random pictures for the given terms. */
async function objective(terms: Partial<Parameters<typeof buildObjective>[0]>, weights?: number[]) {
  const recipe = { loss: 'mse', edge: 0, frequency: 0, ...terms } as const;
  const feeds = [random(1), random(2), ...(weights ? [tensor([2, 1, 1, 1], weights)] : [])];
  const value = await evaluateOn(
    (estimate, target, weight) =>
      buildObjective(recipe, { estimate: estimate!, target: target!, ...(weight && { weight }) }),
    feeds,
  );
  return value.data[0]!;
}

test('without terms the objective is the loss, node for node', () => {
  const [estimate, target] = [input('estimate', large), input('target', large)];
  const recipe = { loss: 'l1', edge: 0, frequency: 0 } as const;
  const bytes = (loss: Value) => lowerToOnnx({ outputs: { loss } }).bytes;
  expect(bytes(buildObjective(recipe, { estimate, target }))).toEqual(
    bytes(buildLoss('l1', estimate, target)),
  );
});

test('the edge term is the mean absolute Laplacian of the error', async () => {
  const error = random(1).data.map((value, i) => value - random(2).data[i]!);
  const at = (n: number, y: number, x: number) => error[(n * 8 + y) * 8 + x]!;
  const laplacians: number[] = [];
  for (let n = 0; n < 2; n += 1)
    for (let y = 1; y < 7; y += 1)
      for (let x = 1; x < 7; x += 1)
        laplacians.push(
          at(n, y - 1, x) + at(n, y + 1, x) + at(n, y, x - 1) + at(n, y, x + 1) - 4 * at(n, y, x),
        );
  const added = (await objective({ edge: 0.25 })) - (await objective({}));
  expect(added).toBeCloseTo(0.25 * mean(laplacians.map(Math.abs)), 5);
});

test('the frequency term of an even error is its only coefficient, 8 times the error', async () => {
  const recipe = { loss: 'mse', edge: 0, frequency: 3 } as const;
  const value = await evaluateOn(
    (estimate, target) => buildObjective(recipe, { estimate: estimate!, target: target! }),
    [tensor(large, new Array(128).fill(0.5)), tensor(large)],
  );
  expect(value.data[0]).toBeCloseTo(0.25 + (3 * 0.5 * 8) / 64 / 2, 5);
});

test('the frequency term is weighted by sample', async () => {
  const added = (await objective({ frequency: 2 })) - (await objective({}));
  const first = (await objective({ frequency: 2 }, [1, 0])) - (await objective({}, [1, 0]));
  const second = (await objective({ frequency: 2 }, [0, 1])) - (await objective({}, [0, 1]));
  expect(first + second).toBeCloseTo(added, 5);
});

test("a loss of one's own takes the place of the recipe's, and terms are added to it", async () => {
  const recipe = { loss: 'mse', edge: 0.5, frequency: 0 } as const;
  const own: Loss = (estimate, target) => reduceSum(abs(sub(estimate, target)), [0, 1, 2, 3]);
  const value = await evaluateOn(
    (estimate, target) => buildObjective(recipe, { estimate: estimate!, target: target! }, own),
    [random(1), random(2)],
  );
  const total = random(1).data.reduce((sum, x, i) => sum + Math.abs(x - random(2).data[i]!), 0);
  const edge = (await objective({ edge: 0.5 })) - (await objective({}));
  expect(value.data[0]).toBeCloseTo(total + edge, 3);
});
