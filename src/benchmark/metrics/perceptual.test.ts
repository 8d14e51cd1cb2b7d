import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { floatTensor, loadCase } from '../../conformance/case.js';
import { testRunner, wrappedRunner } from '../../engine/testing/runners.js';
import type { GraphRunner } from '../../graph/graph-runner.js';
import { mul, reduceMean } from '../../graph/index.js';
import { sample } from '../../graph/testing/tensors.js';
import type { PerceptualNetwork } from '../../networks/network.js';
import { lpipsAlex } from '../../networks/perceptual/lpips.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { defineModule } from '../../weights/module-file.js';
import { madeUpPerceptualModule } from '../../weights/testing/perceptual-modules.js';
import { createPerceptualMetric } from './perceptual.js';

let runner: GraphRunner;
let builds: string[];
const alex = madeUpPerceptualModule(lpipsAlex);

beforeAll(async () => {
  builds = [];
  runner = wrappedRunner(await testRunner(), { onBuild: (key) => builds.push(key) });
});

/** Mean of an image times a weight: judges images alone. */
const brightness: PerceptualNetwork = {
  name: 'brightness',
  schema: z.strictObject({}),
  better: 'higher',
  role: 'perceptual',
  images: 1,
  inputShapes: (_config, { batch, height, width }) => [[batch, 3, height, width]],
  sizeRule: () => ({ multiple: 1, minimum: 2 }),
  build: (_config, scope, [image]) =>
    reduceMean(mul(image!, scope.parameter('weight', [])), [1, 2, 3], false),
};

const bright = (weight: number) =>
  defineModule(brightness, {}, new Map([['weight', tensor([], [weight])]]));

test('gives the reference’s score of two images', async () => {
  const [json, safetensors] = ['json', 'safetensors'].map((ending) =>
    fileURLToPath(new URL(`../../../conformance/lpips-alex.${ending}`, import.meta.url)),
  ) as [string, string];
  const shipped = await loadCase({ name: 'lpips', json, safetensors });
  const { value } = JSON.parse(await readFile(json, 'utf8')) as { value: number };
  const [a, b] = ['a', 'b'].map((name) => {
    const { shape, data } = floatTensor(shipped, name);
    return tensor(shape.slice(1), data);
  }) as [Tensor, Tensor];
  const score = await createPerceptualMetric(alex, runner)(a, b);
  expect(Math.abs(score / value - 1)).toBeLessThan(1e-4);
});

test('compiles once for each size, whatever asks for it', async () => {
  const image = (height: number, seed: number) => sample([3, height, 33], seed, { low: 0 });
  builds.length = 0;
  const first = createPerceptualMetric(alex, runner);
  const score = await first(image(32, 1), image(32, 2));
  expect(score).toBeGreaterThan(0);
  expect(await first(image(32, 3), image(32, 3))).toBe(0);
  expect(await createPerceptualMetric(alex, runner)(image(32, 1), image(32, 2))).toBe(score);
  expect(builds).toHaveLength(1);
  await first(image(40, 1), image(40, 2));
  expect(builds).toHaveLength(2);
});

test('a network that judges alone takes one image, and modules are told apart', async () => {
  const image = sample([3, 4, 6], 1, { low: 0 });
  const mean = image.data.reduce((sum, value) => sum + value) / image.data.length;
  for (const weight of [2, -3])
    expect(await createPerceptualMetric(bright(weight), runner)(image)).toBeCloseTo(
      weight * mean,
      5,
    );
  const alone = createPerceptualMetric(bright(1), runner);
  await expect(alone(image, image)).rejects.toThrow(ParameterError);
  await expect(alone(image, image)).rejects.toThrow('since brightness judges alone');
});

const fine = sample([3, 32, 40], 1, { low: 0 });
const spoiled = tensor([3, 32, 40], fine.data.slice().fill(Number.NaN, 100, 101));

test.each<[string, Tensor, Tensor | undefined, string]>([
  ['no reference', fine, undefined, 'reference: expected an image for lpips-alex'],
  ['another size', fine, tensor([3, 32, 41]), 'reference: expected the image'],
  [
    'too few rows',
    tensor([3, 30, 40]),
    tensor([3, 30, 40]),
    'image: expected at least 31 x 31 pixels, received [3, 30, 40]',
  ],
  ['a batch', tensor([1, 3, 32, 40]), fine, 'image: expected an image [3, height, width]'],
  ['grey', tensor([1, 32, 40]), tensor([1, 32, 40]), 'image: expected an image [3'],
  ['NaN in the image', spoiled, fine, 'image: expected finite values'],
  ['NaN in the reference', fine, spoiled, 'reference: expected finite values'],
])('refuses %s', async (_, image, reference, message) => {
  const metric = createPerceptualMetric(alex, runner);
  await expect(metric(image, reference)).rejects.toThrow(ParameterError);
  await expect(metric(image, reference)).rejects.toThrow(message);
});
