import { createLocalRunner } from '../engine/local-runner.js';
import { CancelledError } from '../utils/errors.js';
import type { TrainingMemory } from './cost/training-memory.js';
import type { CustomParts } from './custom-parts.js';
import type { TrainingJobOptions } from './job.js';
import { parseRecipe, type Recipe } from './recipe.js';
import type { TrainingProgress } from './run/log.js';
import { runTraining, type TrainingResult } from './run-training.js';
import { train as trainOn } from './training-loop.js';
import type { ValidationEntry } from './validation/validation.js';

/** A recipe as a file has it: what has a default may be left out. */
export type RecipeEntries = Readonly<Record<string, unknown>>;

/** Where a training run is carried out, and who is told. */
export interface TrainOptions extends Omit<TrainingJobOptions, 'recipe' | 'definitions'> {
  /** Stops the run after its present step, saved. */
  readonly signal?: AbortSignal;
  /** Receives the memory that the run will take, before its first step; on the CPU only. */
  readonly onMemory?: (memory: TrainingMemory) => void;
  /** Receives the steps done, after each. */
  readonly onStep?: (step: number) => void;
  /** Receives how many crops are restored, of how many, where a recipe keeps them. */
  readonly onRestored?: (done: number, count: number) => void;
  /** Receives every line of the log that is about steps. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Receives every validation. */
  readonly onValidation?: (entry: ValidationEntry) => void;
  /** Receives what one should know, such as that a damaged state was passed over. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Carries out a recipe in a process of its own, so that this one stays free; see `runTraining`.
 * @param options.definitions file URL of a module that exports `dataset`, `loss` or `networks`:
 * functions cannot cross to another process, a module's name can.
 * @throws as `trainHere`; EngineError where the process died.
 *
 * @example
 * const recipe = { kind: 'restorer', data: 'photos', steps: 1000, ... };
 * await train(recipe, { output: 'run', onProgress: ({ step, loss }) => console.log(step, loss) });
 */
export async function train(
  recipe: Recipe | RecipeEntries,
  options: TrainOptions & { readonly definitions?: string | URL },
): Promise<TrainingResult> {
  const { signal, definitions, ...others } = options;
  const { onMemory, onStep, onRestored, onProgress, onValidation, onWarning, ...place } = others;
  const job: TrainingJobOptions = {
    ...place,
    recipe: parseRecipe(recipe),
    ...(definitions === undefined ? {} : { definitions: String(definitions) }),
  };
  return runTraining(job, {
    ...(signal === undefined ? {} : { signal }),
    onEvent: (event) => {
      if (event.kind === 'memory') onMemory?.(event.memory);
      if (event.kind === 'step') onStep?.(event.step);
      if (event.kind === 'restored') onRestored?.(event.done, event.count);
      if (event.kind === 'log') onProgress?.(event.entry);
      if (event.kind === 'validation') onValidation?.(event.entry);
      if (event.kind === 'warning') onWarning?.(event.message);
    },
  });
}

/**
 * Carries out a recipe in this very process with a dataset, a loss or networks of the caller's own.
 * Steps block the event loop; between them the signal is heeded.
 * @returns an unfinished result where the signal stopped the run; it is saved and can be resumed.
 * @throws ParameterError for a recipe whose entries do not fit each other or the run; ModelError
 * for modules that do not fit, and where the run diverges; InputError for photographs; OutputError
 * where the folder is in use or cannot be written; CancelledError where the run was stopped before
 * there was anything to save.
 */
export async function trainHere(
  recipe: Recipe | RecipeEntries,
  options: TrainOptions & CustomParts,
): Promise<TrainingResult> {
  const { signal, device, threads, dataset, loss, networks, ...rest } = options;
  const { onMemory, onStep, onRestored, onProgress, onValidation, onWarning, ...place } = rest;
  const runner = await createLocalRunner({
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
    ...(signal === undefined ? {} : { signal }),
  });
  let reached: TrainingResult | undefined;
  const listener = {
    onStep: (step: number, seconds: number) => {
      reached = { step, seconds, finished: false };
      onStep?.(step);
    },
    ...(onMemory === undefined ? {} : { onMemory }),
    ...(onRestored === undefined ? {} : { onRestored }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(onValidation === undefined ? {} : { onValidation }),
    ...(onWarning === undefined ? {} : { onWarning }),
  };
  const custom = {
    ...(dataset === undefined ? {} : { dataset }),
    ...(loss === undefined ? {} : { loss }),
    ...(networks === undefined ? {} : { networks }),
  };
  try {
    return await trainOn({ ...place, recipe: parseRecipe(recipe) }, runner, listener, custom);
  } catch (error) {
    if (error instanceof CancelledError && reached !== undefined) return reached;
    throw error;
  } finally {
    await runner.dispose();
  }
}
