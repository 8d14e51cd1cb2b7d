import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { defineTraining } from '../definition.js';
import { loadFrozen } from '../initial-weights.js';
import { openPhotographs } from '../photographs/photographs.js';
import type { Recipe } from '../recipe.js';
import { imageFolder, trainModules } from '../testing/fixtures.js';
import {
  burstRecipe,
  deblurRecipe,
  denoiserRecipe,
  fusionRecipe,
  restorerRecipe,
} from '../testing/recipes.js';
import { contentOf, trainHere } from '../testing/runs.js';
import { type BatchLoader, loadAhead, outlineOf, startLoader } from './batch-loader.js';

const data = await imageFolder([60, 44], [40, 70]);
const modules = await trainModules(data);
const open: BatchLoader[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((loader) => loader.close()));
});

async function loaderOf(recipe: Recipe, workers: number, parts = 1): Promise<BatchLoader> {
  const outline = outlineOf((await loadFrozen(recipe)).modules);
  const loader = startLoader({ recipe, modules: outline, cacheBytes: 2 ** 20 }, workers, parts);
  open.push(loader);
  return loader;
}

test.each([
  ['denoiser', denoiserRecipe(data)],
  ['deblurrer', deblurRecipe(data)],
  ['burst', burstRecipe(data)],
  ['fusion', fusionRecipe(data, modules)],
] as const)(
  'threads make the very batches of a %s that are made without them',
  async (_, recipe) => {
    const definition = defineTraining(recipe, (await loadFrozen(recipe)).modules);
    const photographs = await openPhotographs(recipe.data, { reductions: recipe.reductions });
    const loader = await loaderOf(recipe, 2);
    for (const step of [1, 2, 3, 9, 4]) {
      const batch = await loader.batch({ step, part: 0 });
      expect(batch).toEqual(await definition.batch(photographs, step));
    }
  },
);

test('a damaged photograph is named to the step that needs it; a closed loader gives nothing more', async () => {
  const folder = await imageFolder([40, 40], [40, 40]);
  const damaged = join(folder, 'image-1.png');
  const bytes = await readFile(damaged);
  await writeFile(damaged, bytes.subarray(0, bytes.length / 2));
  const loader = await loaderOf(restorerRecipe(folder, { batch: 1, seed: 2 }), 1);
  const outcomes = [];
  for (let step = 1; step <= 6; step += 1)
    outcomes.push(
      await loader.batch({ step, part: 0 }).then(
        () => 'made',
        (error) => error.details.subject,
      ),
    );
  expect(new Set(outcomes)).toEqual(new Set(['made', damaged]));
  await loader.close();
  await loader.close();
  await expect(loader.batch({ step: 7, part: 0 })).rejects.toThrow('loader: it was closed');
});

test('a thread that cannot start fails the batch that is asked for', async () => {
  const recipe = { ...restorerRecipe(data), network: 'no-such-network' } as Recipe;
  const loader = await loaderOf({ ...recipe, kind: 'restorer' } as Recipe, 1);
  await expect(loader.batch({ step: 1, part: 0 })).rejects.toThrow(
    /loader: a thread failed: .*no-such-network/,
  );
});

test('a run whose threads come in on the way has the bits of one without', async () => {
  const recipe = restorerRecipe(data, { steps: 400 });
  const [alone, helped] = [await temporaryFolder(), await temporaryFolder()];
  await trainHere({ recipe, output: alone });
  await trainHere({ recipe, output: helped, workers: 2 }, 200).catch(() => undefined);
  await trainHere({ recipe, output: helped, workers: 1, resume: true });
  expect(await contentOf(helped)).toEqual(await contentOf(alone));
});

test('batches asked for before a thread is up are made in place, and none are without threads', async () => {
  const recipe = restorerRecipe(data);
  const definition = defineTraining(recipe, {});
  const photographs = await openPhotographs(data);
  const ahead = loadAhead(definition, recipe, { modules: {}, workers: 1 });
  expect(await ahead.definition.batch(photographs, 3)).toEqual(
    await definition.batch(photographs, 3),
  );
  await ahead.close();
  expect(loadAhead(definition, recipe, { modules: {}, workers: 0 }).definition).toBe(definition);
});
