import { isDeepStrictEqual } from 'node:util';
import { InputError, ParameterError } from '../utils/errors.js';
import { PoolReader, type RestoredPool } from './crop-cache/cache-file.js';
import { isPooled, type PoolPlace, poolPlace } from './crop-cache/crop-cache.js';
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
import { inHalves, inTurn } from './step/compile-step.js';
import { freshState, requireState, sharedState, type TrainingState } from './step/state.js';

/** Each is a thread with a runtime of its own. */
const MOST_WORKERS = 256;

/** What a recipe is carried out in and from. */
export interface RunPlace {
  readonly recipe: Recipe;
  /** Folder of the run: state, weights and log. */
  readonly output: string;
  /** Goes on with the run in `output`; without it a folder with a run is refused. */
  readonly resume?: boolean | undefined;
  /**
   * Threads that make batches ahead, up to 256; default 1, or 0 on a machine with a single processor. Their
   * number changes no batch.
   */
  readonly workers?: number | undefined;
  /**
   * Stretches of the network of which only the first values are kept for the backward pass, the
   * rest being computed again: less memory and up to a third more work; default 1, which keeps all.
   */
  readonly segments?: number | undefined;
  /** Most bytes of memory that the run may take; default nine tenths of the machine's. */
  readonly memory?: number | undefined;
  /** Folder of restored crops, which runs may share; default one in the folder of the run. */
  readonly cache?: string | undefined;
  /** Most bytes of that folder; default 8 GiB. Crops not used for longest are removed. */
  readonly cacheBytes?: number | undefined;
}

/** A run ready for its next step. */
export interface PreparedRun {
  /** The recipe as its steps are carried out, see `inHalves`; `position` has it as it was given. */
  readonly carriedOut: Recipe;
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
  /** Where a resumed run was carried out before, if it is known. */
  readonly deviceBefore?: string;
  /** Paths of damaged states that are newer than this one. */
  readonly damaged: readonly string[];
  /** Threads that make batches. */
  readonly workers: number;
  readonly segments: number;
  /** Where restored crops are to lie before the first step. */
  readonly pool?: PoolPlace;
  /** Ends those threads. */
  close(): Promise<void>;
}

/** What a run is made of besides its recipe; a trial brings made-up restored crops. */
export interface PreparedParts extends CustomParts {
  readonly pool?: RestoredPool;
}

/**
 * Loads and checks everything that a run needs, and writes nothing.
 * @param device that will carry it out.
 * @throws as `train`.
 */
export async function prepareRun(
  place: RunPlace,
  { pool: madeUp, ...custom }: PreparedParts = {},
  device = 'cpu',
): Promise<PreparedRun> {
  const { recipe, output } = place;
  const workers = workersOf(place, custom);
  const saved = await startingPoint(place);
  const { modules, digests } = await loadFrozen(recipe, custom.networks);
  if (saved !== undefined) requireSameModules(saved.modules, digests, recipe);
  const pool = madeUp === undefined ? await poolOf(place, digests, custom) : undefined;
  const reader = pool === undefined ? undefined : new PoolReader(pool.path, pool.content);
  const crops = madeUp ?? reader;
  const whole = defineTraining(recipe, modules, custom, crops);
  const define = (divided: Recipe) => defineTraining(divided, modules, custom, crops);
  // Another device does one thing after the other, the larger the better.
  const carriedOut = device === 'cpu' ? inHalves(recipe, whole, custom) : recipe;
  const definition = carriedOut === recipe ? whole : inParts(carriedOut, place, define);
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
  // Where threads run the batches of a step they work on it, and it changes in place.
  const threaded = device === 'cpu' && carriedOut.accumulate > 1;
  const state = threaded ? sharedState(beginning) : beginning;
  const photographs = await trainingPhotographs(recipe, custom);
  const ahead = loadAhead(definition, carriedOut, { modules, pool, workers });
  return {
    definition: ahead.definition,
    close: async () => {
      await ahead.close();
      reader?.close();
    },
    ...(pool === undefined ? {} : { pool }),
    carriedOut,
    workers,
    segments: place.segments ?? 1,
    modules,
    trained,
    held,
    photographs,
    result: {
      network: recipeNetwork(recipe, custom.networks).network,
      // Files hold configurations as they are written in recipes, which is what reads back.
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

/** A batch that may be divided; the stretches of a run are those of a whole one. */
function inParts(
  recipe: Recipe,
  { segments = 1 }: RunPlace,
  define: (recipe: Recipe) => TrainingDefinition,
): TrainingDefinition {
  const definition = define(recipe);
  if (segments > 1) return definition;
  const ofCrops = (batch: number) => define({ ...recipe, batch }).loss;
  return { ...definition, loss: inTurn(definition.loss, recipe.batch, ofCrops) };
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

async function poolOf(
  { recipe, ...place }: RunPlace,
  digests: ModuleDigests,
  { dataset }: CustomParts,
): Promise<PoolPlace | undefined> {
  if (recipe.kind !== 'fusion' || !isPooled(recipe)) return undefined;
  if (dataset !== undefined)
    throw new ParameterError('cache.samples', '0 with a dataset', recipe.cache.samples);
  return poolPlace(recipe, digests.restorer!, place);
}

/** Functions do not cross to threads, so batches with parts of one's own are made in place. */
function workersOf({ workers }: RunPlace, { dataset, loss, networks }: CustomParts): number {
  if (
    workers !== undefined &&
    !(Number.isInteger(workers) && workers >= 0 && workers <= MOST_WORKERS)
  )
    throw new ParameterError('workers', `an integer from 0 to ${MOST_WORKERS}`, workers);
  const own = dataset !== undefined || loss !== undefined || networks !== undefined;
  return own ? 0 : (workers ?? usualWorkers());
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
