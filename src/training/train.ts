import { createLocalRunner } from '../engine/local-runner.js';
import type { CustomParts } from './custom-parts.js';
import type { TrainingEvent, TrainingJobOptions } from './job.js';
import { parseRecipe, type Recipe } from './recipe.js';
import { runTraining, type TrainingListener, type TrainingResult } from './run-training.js';
import type { RecipeEntries } from './tasks/task.js';
import { trainUntilStopped } from './training-loop.js';

/** Where and how a recipe is trained, and callbacks that follow the run. */
export interface TrainOptions
  extends Omit<TrainingJobOptions, 'recipe' | 'definitions'>,
    TrainingListener {
  /** Stops the run after its present step; its state is saved. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains a recipe in a separate process, so that this one stays responsive.
 * @param options.definitions file URL of a module that exports `dataset`, `loss` or `networks`:
 * functions cannot cross to another process, a module's name can.
 * @returns an unfinished result where the signal stopped the run; it is saved and can be resumed.
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
  const { listener, run } = separated(others);
  const job: TrainingJobOptions = {
    ...run,
    recipe: parseRecipe(recipe),
    ...(definitions === undefined ? {} : { definitions: String(definitions) }),
  };
  return runTraining(job, {
    ...(signal === undefined ? {} : { signal }),
    onEvent: (event) => notify(listener, event),
  });
}

/** Calls the callback that an event is for. */
function notify(listener: TrainingListener, event: TrainingEvent): void {
  if (event.kind === 'memory') listener.onMemory?.(event.memory);
  if (event.kind === 'restored') listener.onRestored?.(event.done, event.count);
  if (event.kind === 'step') listener.onStep?.(event.step, event.seconds);
  if (event.kind === 'log') listener.onProgress?.(event.entry);
  if (event.kind === 'validation') listener.onValidation?.(event.entry);
  if (event.kind === 'warning') listener.onWarning?.(event.message);
}

/**
 * Trains a recipe in this process, with the caller's dataset, loss or networks.
 * Steps block the event loop; the signal is checked between them.
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
  const { signal, device, threads, dataset, loss, networks, ...others } = options;
  const { listener, run } = separated(others);
  const runner = await createLocalRunner({
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    const parsed = { ...run, recipe: parseRecipe(recipe) };
    return await trainUntilStopped(parsed, runner, listener, { dataset, loss, networks });
  } finally {
    await runner.dispose();
  }
}

/** Callbacks apart from the options of the run, which have to cross to another process. */
function separated<Options extends TrainingListener>(options: Options) {
  const { onStep, onMemory, onRestored, onProgress, onValidation, onWarning, ...run } = options;
  return { listener: { onStep, onMemory, onRestored, onProgress, onValidation, onWarning }, run };
}
