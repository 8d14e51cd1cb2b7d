import { DEFAULT_TASK, type TaskName } from '../restoration/task-names.js';
import { isObject } from '../utils/schema.js';
import type { TrainingKindName } from './recipe.js';
import { trainingTasks } from './tasks/index.js';
import type { DefaultRecipe, RecipeEntries, TrainingTaskDefinition } from './tasks/task.js';

/** Defaults of every recipe; a task's own precede. */
const common = {
  reductions: [1, 2],
  steps: 12_000,
  batch: 8,
  learningRate: 8e-4,
  warmup: 200,
  average: 0.999,
};

const denoiser: DefaultRecipe = {
  entries: {
    crop: 64,
    loss: 'mse',
    sigma: { minimum: 0.004, maximum: 0.96, law: 'log-uniform' },
  },
  network: 'unshuffled-unet',
  config: {
    unshuffle: 2,
    widths: [48, 80, 128],
    blocks: 2,
    prediction: 'preconditioned',
  },
};

function defaultsOf(kind: TrainingKindName, task: unknown): DefaultRecipe {
  if (kind === 'denoiser') return denoiser;
  const { restorer, fusion } = taskOf(task).defaults;
  if (kind === 'restorer') return restorer;
  return {
    entries: { loss: 'mse', ...fusion },
    network: 'fusion',
    config: { features: 32, growth: 16, unshuffle: 2, residual: true },
  };
}

/** An unknown task counts as the default one here; the check of the recipe refuses it. */
function taskOf(task: unknown): TrainingTaskDefinition {
  return trainingTasks[(task ?? DEFAULT_TASK) as TaskName] ?? trainingTasks[DEFAULT_TASK];
}

/**
 * Completes the given entries of a recipe with the defaults of its kind and task: a compact network
 * that a processor trains in an hour or two. Entries that belong together are completed together:
 * another network does not get the configuration of the default one, nor a step decay the entries
 * of a cosine.
 * @returns entries for `parseRecipe`, which checks them.
 * @throws ParameterError where entries of the task contradict each other.
 *
 * @example
 * const recipe = parseRecipe(completeRecipe('restorer', { task: 'deblur', data: 'photos' }));
 */
export function completeRecipe(kind: TrainingKindName, given: RecipeEntries): RecipeEntries {
  const defaults = defaultsOf(kind, given.task);
  const merged: Record<string, unknown> = { ...common, ...defaults.entries, ...given, kind };
  for (const [name, group] of Object.entries(defaults.entries))
    if (isObject(group) && isObject(merged[name])) merged[name] = { ...group, ...merged[name] };
  const entries =
    (kind === 'denoiser' ? undefined : taskOf(given.task).complete?.(merged)) ?? merged;
  return { ...entries, ...completeNetwork(defaults, entries), schedule: completeSchedule(entries) };
}

function completeNetwork(usual: DefaultRecipe, entries: RecipeEntries): RecipeEntries {
  const { kind, network, config, scale } = entries;
  if (network !== undefined && network !== usual.network) return { network, config: config ?? {} };
  const scaled = kind === 'restorer' && scale !== undefined ? { scale } : {};
  return { network: usual.network, config: config ?? { ...scaled, ...usual.config } };
}

function completeSchedule({ schedule = {}, steps }: RecipeEntries): unknown {
  if (!isObject(schedule)) return schedule;
  if (schedule.kind === 'step')
    return { factor: 0.5, every: Math.max(1, Math.round(Number(steps) / 5) || 1), ...schedule };
  return { kind: 'cosine', final: 0.01, ...schedule };
}
