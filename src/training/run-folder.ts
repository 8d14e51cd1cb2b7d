import { mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeModule } from '../checkpoints/module-file.js';
import { writeFileAtomic } from '../files/write-atomic.js';
import type { Network } from '../networks/network.js';
import { ModelError, OutputError } from '../tensor/errors.js';
import { decodeSafetensors, encodeSafetensors } from '../tensor/safetensors.js';
import type { DataType, Tensor } from '../tensor/tensor.js';
import { parseRecipe, type Recipe } from './recipe.js';
import { averagedWeights, type TrainingState } from './state.js';

/** The SHA-256 of the file of each frozen module, by its role. */
export type ModuleDigests = Readonly<Record<string, string>>;

/** What a run's state file says besides its tensors. */
export interface RunPosition {
  readonly recipe: Recipe;
  /** Steps done. */
  readonly step: number;
  /** Seconds of training in all sittings. */
  readonly seconds: number;
  readonly modules: ModuleDigests;
}

/** A training run as it lies on disk. */
export interface SavedRun extends RunPosition {
  readonly tensors: ReadonlyMap<string, Tensor<DataType>>;
}

/** What a run makes: a network, its configuration as JSON, and the names of its parameters. */
export interface RunResult {
  readonly network: Network;
  readonly config: unknown;
  readonly names: Iterable<string>;
}

const STATE_FILE = 'state.safetensors';
/** The result of a run: the averaged weights as a module. */
export const WEIGHTS_FILE = 'weights.safetensors';

/**
 * The saved state of a run folder, where there is one.
 * @throws ModelError where the file cannot be read or is none.
 */
export async function loadRun(folder: string): Promise<SavedRun | undefined> {
  const path = join(folder, STATE_FILE);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ModelError(path, 'cannot be read', { cause });
  }
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  const [step, seconds] = ['step', 'seconds'].map((key) => metadata.get(key));
  const recipe = parseJson(metadata.get('recipe'));
  const modules = parseJson(metadata.get('modules') ?? '{}');
  if (recipe === undefined || modules === undefined || !/^\d+$/.test(step ?? ''))
    throw new ModelError(path, 'is no training state', { expected: 'a recipe and a step' });
  return {
    recipe: parseRecipe(recipe),
    step: Number(step),
    seconds: Number(seconds) || 0,
    modules: modules as ModuleDigests,
    tensors,
  };
}

/**
 * Writes a run's state, then the weights that follow from it, each as a whole. The state is what
 * counts: weights that were not written after it are when the run is resumed.
 * @throws OutputError where a file cannot be written; its older content is intact.
 */
export async function saveRun(
  folder: string,
  position: RunPosition,
  state: TrainingState,
  result: RunResult,
): Promise<void> {
  const metadata = new Map([
    ['recipe', JSON.stringify(position.recipe)],
    ['step', String(position.step)],
    ['seconds', position.seconds.toFixed(3)],
    ['modules', JSON.stringify(position.modules)],
  ]);
  await writeFileAtomic(join(folder, STATE_FILE), encodeSafetensors(state, metadata));
  await saveWeights(folder, state, result);
}

/** Writes the averaged weights of a state as a module. */
export async function saveWeights(
  folder: string,
  state: TrainingState,
  { network, config, names }: RunResult,
): Promise<void> {
  const weights = averagedWeights(state, names);
  await writeFileAtomic(join(folder, WEIGHTS_FILE), encodeModule({ network, config, weights }));
}

/**
 * Makes the folder of a run.
 * @returns whether it was not there before.
 * @throws OutputError where it cannot be made.
 */
export async function makeRunFolder(folder: string): Promise<boolean> {
  try {
    return (await mkdir(folder, { recursive: true })) !== undefined;
  } catch (cause) {
    throw new OutputError(folder, 'cannot be made', { cause });
  }
}

/** Removes the folder of a run where nothing is in it. */
export async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => undefined);
}

/** Removes what a process that was killed while it wrote has left. Needs the folder's lock. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (/^\.(state|weights)\.safetensors\.[0-9a-f]+\.tmp$/.test(name))
      await rm(join(folder, name), { force: true });
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
