import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { defineTraining } from '../define.js';
import { openPhotographs } from '../photographs/photographs.js';
import { pictureFolder } from '../testing/picture-folder.js';
import { restorerRecipe } from '../testing/recipes.js';
import { contentOf, trainHere } from '../testing/runs.js';
import { loadAhead } from './load-ahead.js';

const data = await pictureFolder([60, 44], [40, 70]);

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
