import { isDeepStrictEqual } from 'node:util';
import { ParameterError } from '../tensor/errors.js';
import { defineTraining, recipeNetwork } from './define.js';
import { initialWeights } from './initialise.js';
import type { TrainingDefinition } from './kinds/kind.js';
import { usualWorkers } from './loading/batch-loader.js';
import { loadAhead } from './loading/load-ahead.js';
import { loadFrozen, loadWeights, requireSameModules } from './modules.js';
import { openPhotographs, type Photographs } from './photographs.js';
import type { Recipe } from './recipe.js';
import { loadRun, type RunPosition, type RunResult, type SavedRun } from './run-folder.js';
import { freshState, requireState, type TrainingState } from './state.js';

/** What a recipe is carried out in and from. */
export interface RunPlace {
  readonly recipe: Recipe;
  /** Folder of the run: state, weights and log. */
  readonly output: string;
  /** Goes on with the run in `output`; without it a folder with a run is refused. */
  readonly resume?: boolean;
  /**
   * Threads that make batches ahead; default 1, or 0 on a machine with a single processor. Their
   * number changes no batch.
   */
  readonly workers?: number;
}

/** A run ready for its next step. */
export interface PreparedRun {
  readonly definition: TrainingDefinition;
  readonly photographs: Photographs;
  readonly result: RunResult;
  /** Where the run stands. */
  readonly position: RunPosition;
  readonly state: TrainingState;
  readonly resumed: boolean;
  /** Ends the threads that make batches. */
  close(): Promise<void>;
}

/**
 * Loads and checks everything that a run needs, and writes nothing.
 * @throws as `train`.
 */
export async function prepareRun(place: RunPlace): Promise<PreparedRun> {
  const { recipe, output, workers = usualWorkers() } = place;
  if (!Number.isInteger(workers) || workers < 0)
    throw new ParameterError('workers', 'an integer of at least 0', workers);
  const saved = await startingPoint(place);
  const { modules, digests } = await loadFrozen(recipe);
  if (saved !== undefined) requireSameModules(saved.modules, digests, recipe);
  const definition = defineTraining(recipe, modules);
  const { trained } = definition;
  const weights = async () =>
    recipe.from === undefined
      ? initialWeights(trained, recipe.seed)
      : await loadWeights(recipe.from, recipe);
  const state =
    saved === undefined
      ? freshState(await weights())
      : requireState(saved.tensors, trained, output);
  const photographs = await openPhotographs(recipe.data, { reductions: recipe.reductions });
  return {
    ...loadAhead(definition, recipe, modules, workers),
    photographs,
    result: {
      network: recipeNetwork(recipe).network,
      // Files hold configurations as they are written in recipes, which is what reads back.
      config: recipe.config,
      names: [...trained.keys()],
    },
    position: { recipe, step: saved?.step ?? 0, seconds: saved?.seconds ?? 0, modules: digests },
    state,
    resumed: saved !== undefined,
  };
}

async function startingPoint({ recipe, output, resume }: RunPlace) {
  const saved = await loadRun(output);
  if (resume !== true) {
    if (saved === undefined) return undefined;
    const advice = 'Resume it, or name another';
    throw new ParameterError('output', 'a folder without a run', output, advice);
  }
  if (saved === undefined) throw new ParameterError('resume', 'a folder with a run', output);
  requireSameRecipe(saved, recipe, output);
  return saved;
}

function requireSameRecipe(saved: SavedRun, recipe: Recipe, folder: string): void {
  if (!isDeepStrictEqual({ ...saved.recipe, steps: 0 }, { ...recipe, steps: 0 })) {
    const expected = `that of the run in ${folder}, but for steps`;
    throw new ParameterError('recipe', expected, 'another one');
  }
  if (recipe.steps < saved.step)
    throw new ParameterError('steps', `at least the ${saved.step} that are done`, recipe.steps);
}
