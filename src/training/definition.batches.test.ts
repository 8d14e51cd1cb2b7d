import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Feeds } from '../graph/graph-runner.js';
import { defineTraining } from './definition.js';
import { openPhotographs } from './photographs/photographs.js';
import type { Recipe } from './recipe.js';
import { imageFolder } from './testing/fixtures.js';
import { burstRecipe, deblurRecipe, denoiserRecipe, restorerRecipe } from './testing/recipes.js';

const folder = await imageFolder([90, 70], [40, 120], [64, 64], [20, 20]);

async function batchOf(recipe: Recipe, step: number): Promise<Feeds> {
  const { data, reductions } = recipe;
  return defineTraining(recipe, {}).batch(await openPhotographs(data, { reductions }), step);
}

/** Digests of everything but the samples' weights. */
function digests({ sampleWeight: _, ...drawn }: Feeds): Record<string, string> {
  return Object.fromEntries(
    Object.entries(drawn).map(([name, { data }]) => {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      return [name, createHash('sha256').update(bytes).digest('hex').slice(0, 16)];
    }),
  );
}

const settings = { batch: 5, crop: 20, reductions: [1, 2], seed: 11 };

// Runs that were stopped under another version have to go on with the very same batches.
test('batches of pairs have the bits that they always had', async () => {
  const recipe = restorerRecipe(folder, settings);
  expect(digests(await batchOf(recipe, 1))).toEqual({
    low: 'c7c12dc765218ec4',
    target: 'b522531e99e08295',
  });
  expect(digests(await batchOf(recipe, 4711))).toEqual({
    low: '5993e5a931ffb7ae',
    target: '65e83fa9d188c9ce',
  });
});

test('batches of noisy images have the bits that they always had', async () => {
  const recipe = denoiserRecipe(folder, settings);
  expect(digests(await batchOf(recipe, 1))).toEqual({
    noise: '5df092541b94ef59',
    sigma: 'eb6aa2f686e878ad',
    target: '7e50e62881973356',
  });
  expect(digests(await batchOf(recipe, 4711))).toEqual({
    noise: '165064f2935ce319',
    sigma: 'c15d35ba8cecad35',
    target: '85b01873a9031d9d',
  });
});

test('batches of blurred images have the bits that they always had', async () => {
  const recipe = deblurRecipe(folder, settings);
  expect(digests(await batchOf(recipe, 1))).toEqual({
    degraded: '0c28779903e49f6f',
    target: 'd7b1458331ceb7d8',
  });
  expect(digests(await batchOf(recipe, 4711))).toEqual({
    degraded: '34fd4b96482b4ca7',
    target: '86bb99fa2a28e08d',
  });
});

test('batches of bursts have the bits that they always had', async () => {
  const recipe = burstRecipe(folder, settings);
  expect(digests(await batchOf(recipe, 1))).toEqual({
    burst: '871f86a3962fc77d',
    target: '2e7a70ca168d636a',
    alignment: '1f0cc5f516915803',
  });
  expect(digests(await batchOf(recipe, 4711))).toEqual({
    burst: '047df6f904ff97e9',
    target: 'e452d56ef09e5b9c',
    alignment: 'ad91580c4fbf8195',
  });
});
