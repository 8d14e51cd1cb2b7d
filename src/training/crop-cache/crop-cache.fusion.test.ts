import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processToSrgb } from '../../degradation/camera/camera.js';
import { createLocalRunner } from '../../engine/local-runner.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { input, ParameterScope } from '../../graph/index.js';
import { evaluate } from '../../graph/testing/evaluate.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { LimitError, ParameterError } from '../../utils/errors.js';
import { tryTraining } from '../cost/trial.js';
import { defineTraining } from '../definition.js';
import { loadFrozen } from '../initial-weights.js';
import { openSource } from '../photographs/photographs.js';
import type { FusionRecipe, Recipe } from '../recipe.js';
import { openTask } from '../tasks/index.js';
import { photographedSample } from '../tasks/samples.js';
import { imageFolder, trainModules } from '../testing/fixtures.js';
import {
  burstFusionRecipe,
  burstRecipe,
  deblurFusionRecipe,
  deblurRecipe,
} from '../testing/recipes.js';
import { contentOf, trainHere } from '../testing/runs.js';
import { openRestorer } from './frozen-restorer.js';

const data = await imageFolder([60, 44], [40, 70]);
const blurred = await trainModules(data, deblurRecipe(data, { steps: 2 }));
const bursts = await trainModules(data, burstRecipe(data, { steps: 2 }));
const validation = { data, every: 4, images: 1, timesteps: [5] };
const recipes: Record<string, Recipe> = {
  deblur: deblurFusionRecipe(data, blurred, { steps: 5, validation }),
  burst: burstFusionRecipe(data, bursts, { steps: 5, validation }),
};

async function cropsOf(output: string): Promise<string> {
  const [name, ...others] = await readdir(join(output, 'restored'));
  expect(others).toEqual([]);
  return join(output, 'restored', name!);
}

test.each(['deblur', 'burst'])(
  'a %s fusion stopped and resumed has the bits of a whole one, its crops kept or made again',
  async (task) => {
    const recipe = recipes[task]!;
    const whole = await temporaryFolder();
    expect(await trainHere({ recipe, output: whole })).toMatchObject({ finished: true });
    const parts = await temporaryFolder();
    await trainHere({ recipe, output: parts }, 2).catch(() => undefined);
    const crops = await cropsOf(parts);
    const made = await readFile(crops);
    expect(made).toEqual(await readFile(await cropsOf(whole)));
    await trainHere({ recipe, output: parts, resume: true }, 3).catch(() => undefined);
    expect(await readFile(crops)).toEqual(made);
    await rm(join(parts, 'restored'), { recursive: true });
    expect(await trainHere({ recipe, output: parts, resume: true })).toMatchObject({ step: 5 });
    expect(await contentOf(parts)).toEqual(await contentOf(whole));
  },
);

test('runs share the crops of a folder, threads read them, and damaged ones are mended', async () => {
  const cache = await temporaryFolder();
  const recipe = recipes.deblur!;
  const [one, two, three] = await Promise.all([1, 2, 3].map(() => temporaryFolder()));
  const told: number[][] = [];
  const run = async (output: string, workers: number) => {
    const runner = await createLocalRunner({ threads: 1 });
    const { trainOn } = await import('../training-loop.js');
    const counts: number[] = [];
    told.push(counts);
    await trainOn({ recipe, output, cache, workers }, runner, {
      onRestored: (done) => counts.push(done),
    });
    await runner.dispose();
  };
  await run(one!, 0);
  await run(two!, 1);
  const [name] = await readdir(cache);
  const bytes = await readFile(join(cache, name!));
  bytes[bytes.length - 1]! ^= 255;
  await writeFile(join(cache, name!), bytes);
  await run(three!, 0);
  expect(told).toEqual([[0, 1, 2, 3, 4, 5, 6], [], [5, 6]]);
  expect(await contentOf(two!)).toEqual(await contentOf(one!));
  expect(await contentOf(three!)).toEqual(await contentOf(one!));
  expect((await readdir(cache)).length).toBe(1);
});

test('a restored burst is what the camera makes of the network in linear light', async () => {
  const recipe = recipes.burst as FusionRecipe;
  const { restorer } = (await loadFrozen(recipe)).modules;
  const task = openTask(recipe);
  const place = { seed: recipe.seed, step: 1, sample: 2 };
  const sample = await photographedSample(task, await openSource(recipe), place, recipe.crop);
  const runner = await createLocalRunner({ threads: 1 });
  const made = await (await openRestorer(task, restorer!, runner)).restore(sample);
  await runner.dispose();
  const frames = input('burst', [1, ...sample.input.shape]);
  const { network, config, weights } = restorer!;
  const alone = { y: network.build(config, new ParameterScope(), [frames]) };
  const feeds = { burst: tensor(frames.shape, sample.input.data) };
  const { y } = await evaluate(alone, feeds, weights);
  const linear = tensor([3, recipe.crop, recipe.crop], y!.data);
  const expected = processToSrgb(linear, sample.camera!);
  for (const [i, value] of made.restored.data.entries())
    expect(Math.abs(value - expected.data[i]!)).toBeLessThan(1e-4);
  expect(made.target).toEqual(processToSrgb(sample.target, sample.camera!));
});

test('steps draw from all crops by seed, step and sample', async () => {
  const recipe = deblurFusionRecipe(data, blurred, { batch: 40, crop: 8 });
  const { modules } = await loadFrozen(recipe);
  const cropCache = {
    count: 6,
    read: (index: number) => {
      const flat = (value: number): Tensor => tensor([3, 8, 8], new Float32Array(192).fill(value));
      return { restored: flat(index), target: flat(index + 0.5) };
    },
  };
  const draw = async (step: number) => {
    const definition = defineTraining(recipe, modules, {}, cropCache);
    const batch = await definition.batch(await openSource(recipe), step);
    const { restored, target } = batch as Record<string, Tensor>;
    const indices = Array.from({ length: 40 }, (_, sample) => restored!.data[192 * sample]!);
    for (const [sample, index] of indices.entries())
      expect(target!.data[192 * sample]).toBe(index + 0.5);
    return indices;
  };
  expect(new Set(await draw(1))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  expect(await draw(1)).toEqual(await draw(1));
  expect(await draw(2)).not.toEqual(await draw(1));
});

test('deblurring can restore in every step; bursts cannot, nor can datasets be kept', async () => {
  const none = { cache: { samples: 0 }, steps: 1 };
  const output = await temporaryFolder();
  const uncached = deblurFusionRecipe(data, blurred, none);
  expect(await trainHere({ recipe: uncached, output })).toMatchObject({ step: 1 });
  expect(await readdir(output)).not.toContain('restored');
  const burst = burstFusionRecipe(data, bursts, none);
  const { modules } = await loadFrozen(burst);
  expect(() => defineTraining(burst, modules)).toThrow('cache.samples: expected at least 1');
  const { trainHere: withParts } = await import('../train.js');
  const own = withParts(recipes.deblur!, {
    output: await temporaryFolder(),
    dataset: async ({ size }) => tensor([3, size, size]),
  });
  await expect(own).rejects.toThrow(ParameterError);
});

test('crops beyond the bound are refused before anything is restored', async () => {
  const output = join(await temporaryFolder(), 'run');
  const work = trainHere({ recipe: recipes.deblur!, output, cacheBytes: 1000 });
  await expect(work).rejects.toThrow(LimitError);
});

test('a trial of a run that keeps crops needs neither photographs nor crops', async () => {
  const none = await temporaryFolder();
  const recipe = burstFusionRecipe(none, bursts);
  const tried = await tryTraining({ recipe, threads: 1 });
  expect(tried).toMatchObject({ timed: 'steps' });
  expect(tried.secondsPerStep).toBeGreaterThan(0);
  expect(await readdir(none)).toEqual([]);
});
