import type { TaskName } from '../../restoration/task-names.js';
import { burstTraining } from './burst.js';
import { deblurringTraining } from './deblurring.js';
import { superResolutionTraining } from './super-resolution.js';
import type { EntriesOf, TrainingTask, TrainingTaskDefinition } from './task.js';

/** How networks of each task are trained. */
export const trainingTasks = {
  sr4: superResolutionTraining,
  deblur: deblurringTraining,
  burst: burstTraining,
} satisfies Readonly<Record<TaskName, TrainingTaskDefinition>>;

type Definitions = typeof trainingTasks;

/** The entries of a recipe that its task decides on, as `recipe.ts` checks them. */
export type TaskEntries = {
  [Name in TaskName]: { readonly task: Name } & EntriesOf<Definitions[Name]['entries']> &
    Partial<EntriesOf<Definitions[Name]['lossEntries']>>;
}[TaskName];

/**
 * The task of a recipe, for crops of its size.
 * @throws ParameterError where its entries do not fit each other.
 */
export function openTask(recipe: { readonly crop: number } & TaskEntries): TrainingTask {
  const definition: TrainingTaskDefinition = trainingTasks[recipe.task];
  return definition.open(recipe);
}

/** The settings that degraded crops of a recipe depend on. */
export function cropSettings(recipe: TaskEntries): object {
  const definition: TrainingTaskDefinition = trainingTasks[recipe.task];
  return { task: recipe.task, ...definition.cropSettings(recipe) };
}
