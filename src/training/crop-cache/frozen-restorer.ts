import { sha256Of } from '../../files/digest.js';
import type { GraphRunner } from '../../graph/graph-runner.js';
import { type GraphMemory, input, lowerWithMemory, ParameterScope } from '../../graph/index.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ModelError } from '../../utils/errors.js';
import type { Module } from '../../weights/module-file.js';
import type { CustomParts } from '../custom-parts.js';
import type { FrozenModules } from '../definition.js';
import { openSource } from '../photographs/photographs.js';
import type { Recipe } from '../recipe.js';
import { openTask } from '../tasks/index.js';
import { photographedSample } from '../tasks/samples.js';
import type { TaskSample, TrainingTask } from '../tasks/task.js';
import type { RestoredCrop } from './cache-file.js';

/** A compiled frozen restorer for samples of a task. */
export interface RestorerSession {
  /**
   * The restored image and the target of a sample.
   * @throws ModelError where the restored one is not finite.
   */
  restore(sample: TaskSample): Promise<RestoredCrop>;
}

/**
 * Compiles a restorer for the samples of a task, one at a time, so that the result
 * for a crop does not depend on other crops.
 * @throws as `TrainingTask.restore` and `GraphRunner.compile`.
 */
export async function openRestorer(
  task: TrainingTask,
  module: Module,
  runner: GraphRunner,
): Promise<RestorerSession> {
  const { name, shape } = task.input;
  const { model } = lowered(task, module);
  const key = `restorer ${sha256Of(model.bytes)}`;
  const compiled = await runner.compile(key, () => model.bytes);
  return {
    restore: async (sample) => {
      const outputs = await compiled.run({ [name]: tensor([1, ...shape], sample.input.data) });
      const { shape: made, data } = outputs.estimate as Tensor;
      if (!data.every(Number.isFinite))
        throw new ModelError(module.network.name, 'its output for a crop is not finite');
      return {
        restored: task.toImage(tensor(made.slice(1), data), sample),
        target: task.toImage(sample.target, sample),
      };
    },
  };
}

/** The memory of the graph of `openRestorer`. */
export function restorerMemory(task: TrainingTask, module: Module): GraphMemory {
  return lowered(task, module).memory;
}

function lowered(task: TrainingTask, { network, config, weights }: Module) {
  const given = input(task.input.name, [1, ...task.input.shape]);
  const { estimate } = task.restore(network, config, new ParameterScope(), given);
  return lowerWithMemory({ outputs: { estimate }, weights });
}

/** Crops whose error is measured. */
const CROPS = 32;
/** Training steps count from 1: these crops are none of theirs. */
const STEP = 0;

/**
 * A new run's recipe of a fusion network, with the mean squared error of x_IR that its restorer
 * makes, in [0, 1] units: measured on 32 crops of its photographs, a function of the recipe alone.
 * Other recipes are returned as they are.
 * @throws as `openRestorer` and `openSource`.
 */
export async function withRestoredError(
  recipe: Recipe,
  { restorer: module }: FrozenModules,
  runner: GraphRunner,
  { dataset }: CustomParts = {},
): Promise<Recipe> {
  if (recipe.kind !== 'fusion' || recipe.restoredError !== undefined) return recipe;
  // Crops of a custom dataset are drawn by the steps alone.
  if (module === undefined || dataset !== undefined || recipe.levelWeight === 'none') return recipe;
  const task = openTask(recipe);
  const restorer = await openRestorer(task, module, runner);
  const photographs = await openSource(recipe);
  let sum = 0;
  for (let sample = 0; sample < CROPS; sample += 1) {
    await runner.checkpoint();
    const key = { seed: recipe.seed, step: STEP, sample };
    const crop = await photographedSample(task, photographs, key, recipe.crop);
    const { restored, target } = await restorer.restore(crop);
    sum += restored.data.reduce((total, value, at) => total + (value - target.data[at]!) ** 2, 0);
  }
  return { ...recipe, restoredError: sum / (CROPS * 3 * recipe.crop ** 2) };
}
