import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { restorerRecipe } from '../testing/recipes.js';
import { tryTraining } from './trial.js';

test('a recipe of large steps is timed by convolutions, without photographs', async () => {
  const folder = await temporaryFolder();
  const large = { batch: 512, crop: 512, config: { scale: 4, features: 96, blocks: 1 } };
  const tried = await tryTraining({ recipe: restorerRecipe(folder, large), threads: 1 });
  expect(tried).toMatchObject({ timed: 'convolutions', device: { threads: 1 } });
  expect(tried.secondsPerStep).toBeGreaterThan(1);
  expect(tried.memory!.results).toBeGreaterThan(512 * 3 * 512 * 512 * 4);
});
