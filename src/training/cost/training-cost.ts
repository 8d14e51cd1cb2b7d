import { type Cost, cost, gradients } from '../../graph/index.js';
import { sizeOf } from '../../tensor/tensor.js';
import { defineTraining } from '../define.js';
import { partFrozen } from '../modules/freeze.js';
import { loadFrozen } from '../modules/frozen-modules.js';
import type { Recipe } from '../recipe.js';

/**
 * The trained parameters of a recipe, and the multiply-adds of one training step: forward, with
 * the frozen modules, and backward, for all batches of the step.
 * @throws as `train` where the recipe or a frozen module does not fit.
 */
export async function trainingCost(recipe: Recipe): Promise<Cost> {
  const { modules } = await loadFrozen(recipe);
  const { loss, trained } = defineTraining(recipe, modules);
  const parameters = [...partFrozen(trained, recipe.freeze).trained.values()];
  const { macs } = cost([loss, ...gradients(loss, parameters)]);
  return {
    parameters: parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    macs: macs * recipe.accumulate,
  };
}
