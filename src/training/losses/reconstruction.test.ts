import { expect, test } from 'vitest';
import { abs, input, lowerToOnnx, reduceSum, reshape, sub, type Value } from '../../graph/index.js';
import { checkGradients } from '../../graph/testing/check-gradients.js';
import { evaluate, evaluateOn } from '../../graph/testing/evaluate.js';
import { sample } from '../../graph/testing/tensors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import type { Loss } from '../custom-parts.js';
import {
  blockSpectrum,
  buildLoss,
  buildObjective,
  type LossName,
  laplacian,
} from './reconstruction.js';

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

/** The objective on random images for the given terms. */
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

test('the Laplacian of a plane is 0, of a paraboloid 2 in each direction', async () => {
  const of = async (height: (y: number, x: number) => number) => {
    const data = Array.from({ length: 35 }, (_, at) => height(Math.floor(at / 7), at % 7));
    return evaluateOn((x) => laplacian(x!), [tensor([1, 1, 5, 7], data)]);
  };
  const plane = await of((y, x) => 3 * y - 2 * x + 1);
  expect(plane.shape).toEqual([1, 1, 3, 5]);
  expect(plane.data.every((value) => value === 0)).toBe(true);
  const bowl = await of((y, x) => y * y + 3 * x * x);
  expect(bowl.data.every((value) => value === 8)).toBe(true);
});

test('block spectra are the discrete Fourier transforms of the 8x8 blocks', async () => {
  const [height, width] = [18, 9];
  const image = sample([1, 2, height, width], 3);
  const { real, imaginary } = await evaluate(blockSpectrum(input('x', image.shape)), {
    x: image,
  });
  expect(real!.shape).toEqual([1, 4, 8, 8]);
  for (const [channel, row, u, v] of [
    [0, 0, 0, 0],
    [0, 1, 3, 5],
    [1, 0, 7, 1],
    [1, 1, 4, 0],
  ] as const) {
    let [re, im] = [0, 0];
    for (let y = 0; y < 8; y += 1)
      for (let x = 0; x < 8; x += 1) {
        const value = image.data[(channel * height + row * 8 + y) * width + x]!;
        const angle = (-2 * Math.PI * (u * y + v * x)) / 8;
        re += (value * Math.cos(angle)) / 8;
        im += (value * Math.sin(angle)) / 8;
      }
    const at = ((channel * 2 + row) * 8 + u) * 8 + v;
    expect(real!.data[at]).toBeCloseTo(re, 5);
    expect(imaginary!.data[at]).toBeCloseTo(im, 5);
  }
});

test('a pure wave stands at its own frequency, and the energy is kept', async () => {
  const data = Array.from({ length: 64 }, (_, at) => Math.cos((2 * Math.PI * 2 * (at % 8)) / 8));
  const { real, imaginary } = await evaluate(blockSpectrum(input('x', [1, 1, 8, 8])), {
    x: tensor([1, 1, 8, 8], data),
  });
  const energy = [...real!.data].map((value, at) => value ** 2 + imaginary!.data[at]! ** 2);
  expect(energy.reduce((sum, value) => sum + value)).toBeCloseTo(32, 4);
  expect(energy[2]! + energy[6]!).toBeCloseTo(32, 4);
});

test('both filters have their gradients', async () => {
  const image = sample([1, 1, 9, 8], 5);
  await checkGradients((x) => laplacian(x!), [image]);
  await checkGradients((x) => reshape(blockSpectrum(x!).imaginary, [64]), [image]);
});

test('images smaller than a block are refused', () => {
  expect(() => blockSpectrum(input('x', [1, 3, 7, 9]))).toThrow(ParameterError);
});
