import { isDeepStrictEqual } from 'node:util';
import { InputError, ParameterError } from '../utils/errors.js';
import { type CropCache, CropCacheReader } from './crop-cache/cache-file.js';
import { type CacheLocation, locateCache, usesCropCache } from './crop-cache/crop-cache.js';
import type { CustomParts } from './custom-parts.js';
import {
  defineTraining,
  type FrozenModules,
  recipeNetwork,
  type TrainingDefinition,
} from './definition.js';
import {
  type Declared,
  initialWeights,
  loadFrozen,
  loadWeights,
  partFrozen,
  requireSameModules,
} from './initial-weights.js';
import { loadAhead, usualWorkers } from './loading/batch-loader.js';
import { openSource, type Photographs } from './photographs/photographs.js';
import type { Recipe } from './recipe.js';
import {
  loadRun,
  type ModuleDigests,
  type RunPosition,
  type RunResult,
  type SavedRun,
} from './run/run-folder.js';
import type { TrainingOptions } from './run-training.js';
import { lossOfMicroBatches, splitBatch } from './step/compile-step.js';
import { freshState, requireState, sharedState, type TrainingState } from './step/state.js';

/** Each is a thread with its own runtime. */
const MOST_WORKERS = 256;

/** A run ready for its next step. */
export interface PreparedRun {
  /** The recipe as its steps run it, see `splitBatch`; `position` has it as it was given. */
  readonly stepRecipe: Recipe;
  readonly definition: TrainingDefinition;
  readonly modules: FrozenModules;
  /** The parameters that training changes, and those that the recipe freezes. */
  readonly trained: Declared;
  readonly held: Declared;
  readonly photographs: Photographs;
  readonly result: RunResult;
  /** Where the run stands. */
  readonly position: RunPosition;
  readonly state: TrainingState;
  readonly resumed: boolean;
  /** The device of a resumed run before, where known. */
  readonly deviceBefore?: string;
  /** Paths of damaged states that are newer than this one. */
  readonly damaged: readonly string[];
  /** Threads that make batches. */
  readonly workers: number;
  readonly segments: number;
  /** Location of the restored crops, which are made before the first step. */
  readonly cropCache?: CacheLocation | undefined;
  /** Ends those threads. */
  close(): Promise<void>;
}

/** What a run starts from, read from disk. */
export interface RunInputs {
  /** The recipe; of a resumed run with the error of restored crops that the run has measured. */
  readonly recipe: Recipe;
  /** The state of a resumed run. */
  readonly saved: SavedRun | undefined;
  readonly modules: FrozenModules;
  readonly digests: ModuleDigests;
}

/**
 * Reads the state of a resumed run and the frozen modules, and checks them against the recipe.
 * @throws as `trainOn`.
 */
export async function readInputs(
  options: TrainingOptions,
  { networks }: CustomParts = {},
): Promise<RunInputs> {
  const saved = await savedRun(options);
  const recipe = saved === undefined ? options.recipe : withSavedError(options.recipe, saved);
  if (saved !== undefined) requireSameRecipe(saved, recipe, options.output);
  const frozen = await loadFrozen(recipe, networks);
  if (saved !== undefined) requireSameModules(saved.modules, frozen.digests, recipe);
  return { recipe, saved, ...frozen };
}

function withSavedError(recipe: Recipe, { recipe: before }: SavedRun): Recipe {
  if (recipe.kind !== 'fusion' || recipe.restoredError !== undefined) return recipe;
  if (before.kind !== 'fusion' || before.restoredError === undefined) return recipe;
  return { ...recipe, restoredError: before.restoredError };
}

/** The caller's parts; a trial brings synthetic restored crops. */
export interface PreparedParts extends CustomParts {
  readonly cropCache?: CropCache | undefined;
}

/**
 * Builds and checks everything that a run needs besides its inputs. It writes nothing.
 * @param device that runs the steps.
 * @throws as `trainOn`.
 */
export async function prepareRun(
  options: Omit<TrainingOptions, 'recipe'>,
  { recipe, saved, modules, digests }: RunInputs,
  { cropCache: synthetic, ...custom }: PreparedParts = {},
  device = 'cpu',
): Promise<PreparedRun> {
  const { output, segments = 1 } = options;
  const workers = workersOf(options, custom);
  const cropCache =
    synthetic === undefined ? await cacheOf(recipe, digests, options, custom) : undefined;
  const reader = cropCache && new CropCacheReader(cropCache.path, cropCache.content);
  const crops = synthetic ?? reader;
  const whole = defineTraining(recipe, modules, custom, crops);
  const define = (divided: Recipe) => defineTraining(divided, modules, custom, crops);
  // Other devices run one graph after the other, and large batches best.
  const stepRecipe = device === 'cpu' ? splitBatch(recipe, whole, custom) : recipe;
  const definition = stepRecipe === recipe ? whole : withMicroBatches(stepRecipe, segments, define);
  const declared = new Map([...definition.trained, ...(definition.auxiliary ?? [])]);
  const { trained, held } = partFrozen(declared, recipe.freeze);
  const weights = async () => {
    const fresh = initialWeights(declared, recipe.seed);
    if (recipe.from === undefined) return fresh;
    return new Map([...fresh, ...(await loadWeights(recipe.from, recipe, custom.networks))]);
  };
  const beginning =
    saved === undefined
      ? freshState(await weights(), held)
      : requireState(saved.tensors, declared, output, held);
  // Threads that run the micro-batches of a step share the state, which is updated in place.
  const threaded = device === 'cpu' && stepRecipe.accumulate > 1;
  const state = threaded ? sharedState(beginning) : beginning;
  const photographs = await trainingPhotographs(recipe, custom);
  const ahead = loadAhead(definition, stepRecipe, { modules, cropCache, workers });
  return {
    definition: ahead.definition,
    close: async () => {
      await ahead.close();
      reader?.close();
    },
    cropCache,
    stepRecipe,
    workers,
    segments,
    modules,
    trained,
    held,
    photographs,
    result: {
      network: recipeNetwork(recipe, custom.networks).network,
      // Files hold configurations as recipes do, in the form that reads back.
      config: recipe.config,
      names: [...definition.trained.keys()],
    },
    position: {
      recipe,
      step: saved?.step ?? 0,
      seconds: saved?.seconds ?? 0,
      modules: digests,
      device,
      ...(saved?.validation === undefined ? {} : { validation: saved.validation }),
    },
    state,
    resumed: saved !== undefined,
    ...(saved?.device === undefined ? {} : { deviceBefore: saved.device }),
    damaged: saved?.damaged ?? [],
  };
}

/** The loss over micro-batches, unless activations are recomputed by segments. */
function withMicroBatches(
  recipe: Recipe,
  segments: number,
  define: (recipe: Recipe) => TrainingDefinition,
): TrainingDefinition {
  const definition = define(recipe);
  if (segments > 1) return definition;
  const ofCrops = (batch: number) => define({ ...recipe, batch }).loss;
  return { ...definition, loss: lossOfMicroBatches(definition.loss, recipe.batch, ofCrops) };
}

/**
 * The photographs of a recipe; of none where the crops come from a dataset.
 * @throws InputError where there are none.
 */
export async function trainingPhotographs(
  recipe: Recipe,
  { dataset }: CustomParts,
): Promise<Photographs> {
  if (dataset === undefined) return openSource(recipe);
  const { data } = recipe;
  const refuse = () => Promise.reject(new InputError(data, 'is not read: a dataset was given'));
  return { folder: data, count: 0, image: refuse };
}

async function cacheOf(
  recipe: Recipe,
  digests: ModuleDigests,
  folders: Pick<TrainingOptions, 'output' | 'cache'>,
  { dataset }: CustomParts,
): Promise<CacheLocation | undefined> {
  if (recipe.kind !== 'fusion' || !usesCropCache(recipe)) return undefined;
  if (dataset !== undefined)
    throw new ParameterError('cache.samples', '0 with a dataset', recipe.cache.samples);
  return locateCache(recipe, digests.restorer!, folders);
}

/** Functions do not cross to threads, so batches with the caller's parts are made in this thread. */
function workersOf(
  { workers }: Pick<TrainingOptions, 'workers'>,
  { dataset, loss, networks }: CustomParts,
): number {
  if (
    workers !== undefined &&
    !(Number.isInteger(workers) && workers >= 0 && workers <= MOST_WORKERS)
  )
    throw new ParameterError('workers', `an integer from 0 to ${MOST_WORKERS}`, workers);
  const isCustom = dataset !== undefined || loss !== undefined || networks !== undefined;
  return isCustom ? 0 : (workers ?? usualWorkers());
}

async function savedRun({ output, resume }: TrainingOptions): Promise<SavedRun | undefined> {
  const saved = await loadRun(output);
  if (resume !== true) {
    if (saved === undefined) return undefined;
    const advice = 'Resume it, or name another';
    throw new ParameterError('output', 'a folder without a run', output, advice);
  }
  if (saved === undefined) throw new ParameterError('resume', 'a folder with a run', output);
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
