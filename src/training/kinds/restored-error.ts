import type { GraphRunner } from '../../graph/graph-runner.js';
import type { CustomParts } from '../custom.js';
import { loadFrozen } from '../modules/frozen-modules.js';
import { openSource } from '../photographs/source.js';
import { openRestoring } from '../pool/restoring.js';
import type { Recipe } from '../recipe.js';
import { loadRun } from '../run/run-folder.js';
import { openTask } from '../tasks/open-task.js';
import { photographedSample } from '../tasks/samples.js';
import type { TrainingOptions } from '../training-options.js';

/** Crops whose error is measured. */
const CROPS = 32;
/** Training steps count from 1: these crops are none of theirs. */
const STEP = 0;

/**
 * The recipe of a fusion network with the mean squared error of x_IR that its restorer makes, in
 * [0, 1] units: measured on 32 crops of its photographs, a function of the recipe alone. A run that
 * is resumed keeps what it began with; other recipes come back as they are.
 * @throws as `openRestoring` and `openSource`.
 */
export async function withRestoredError(
  { recipe, output, resume = false }: TrainingOptions,
  runner: GraphRunner,
  { dataset, networks }: CustomParts = {},
): Promise<Recipe> {
  if (recipe.kind !== 'fusion' || recipe.restoredError !== undefined) return recipe;
  if (resume) {
    const saved = (await loadRun(output))?.recipe;
    return saved?.kind === 'fusion' && saved.restoredError !== undefined
      ? { ...recipe, restoredError: saved.restoredError }
      : recipe;
  }
  // Crops of a dataset of one's own are drawn by the steps alone.
  if (dataset !== undefined || recipe.levelWeight === 'none') return recipe;
  const { modules } = await loadFrozen(recipe, networks);
  const task = openTask(recipe);
  const restoring = await openRestoring(task, modules.restorer!, runner);
  const photographs = await openSource(recipe);
  let sum = 0;
  for (let sample = 0; sample < CROPS; sample += 1) {
    await runner.checkpoint();
    const place = { seed: recipe.seed, step: STEP, sample };
    const crop = await photographedSample(task, photographs, place, recipe.crop);
    const { restored, target } = await restoring.restore(crop);
    sum += restored.data.reduce((total, value, at) => total + (value - target.data[at]!) ** 2, 0);
  }
  return { ...recipe, restoredError: sum / (CROPS * 3 * recipe.crop ** 2) };
}
