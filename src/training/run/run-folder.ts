import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readWeights, unreadableModel } from '../../files/input-file.js';
import { type FileLock, takeLock } from '../../files/lock-file.js';
import { makeFolder } from '../../files/output-file.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import type { ImageNetwork } from '../../networks/network.js';
import { decodeSafetensors, encodeSafetensors } from '../../tensor/safetensors.js';
import type { DataType, Tensor } from '../../tensor/tensor.js';
import { ModelError, OutputError } from '../../utils/errors.js';
import { encodeModule } from '../../weights/module-file.js';
import { parseRecipe, type Recipe } from '../recipe.js';
import { averagedWeights, type TrainingState } from '../step/state.js';

/** What a run makes: a network, its configuration as JSON, and the names of its parameters. */
export interface RunResult {
  readonly network: ImageNetwork;
  readonly config: unknown;
  readonly names: Iterable<string>;
}

/** The result of a run: the averaged weights as a module. */
export const WEIGHTS_FILE = 'weights.safetensors';
/** The averaged weights that were best on held-out images, as a module. */
export const BEST_FILE = 'best.safetensors';
/** Folder of the previews that validation makes. */
export const PREVIEW_FOLDER = 'previews';

/**
 * Writes a run's state, then the weights that follow from it, each as a whole, and then removes
 * states beyond those to be kept. The state is what counts: weights that were not written after it
 * are when the run is resumed.
 * @param write how files are written, as a whole or not at all.
 * @throws OutputError where a file cannot be written; older states are intact.
 */
export async function saveRun(
  folder: string,
  position: RunPosition,
  state: TrainingState,
  result: RunResult,
  write: typeof writeFileAtomic = writeFileAtomic,
): Promise<void> {
  const { recipe, step, seconds, modules, device, validation } = position;
  const metadata = new Map([
    ['recipe', JSON.stringify(recipe)],
    ['step', String(step)],
    ['seconds', seconds.toFixed(3)],
    ['modules', JSON.stringify(modules)],
  ]);
  if (device !== undefined) metadata.set('device', device);
  if (validation !== undefined) metadata.set('validation', JSON.stringify(validation));
  await write(join(folder, stateFile(position)), encodeSafetensors(state, metadata));
  await saveWeights(folder, state, result, { write });
  if (recipe.keep > 1) await dropOldStates(folder, recipe.keep);
}

/** Writes the averaged weights of a state as a module. */
export async function saveWeights(
  folder: string,
  state: TrainingState,
  { network, config, names }: RunResult,
  { file = WEIGHTS_FILE, write = writeFileAtomic } = {},
): Promise<void> {
  const weights = averagedWeights(state, names);
  await write(join(folder, file), encodeModule({ network, config, weights }));
}

/**
 * Makes the folder of a run.
 * @returns whether it was not there before.
 * @throws OutputError where it cannot be made.
 */
export async function makeRunFolder(folder: string): Promise<boolean> {
  return makeFolder(folder);
}

/** Removes the folder of a run where nothing is in it. */
export async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => undefined);
}

/** Removes what a process that was killed while it wrote has left. Needs the folder's lock. */
export async function removeLeftovers(folder: string): Promise<void> {
  const ours = '((state|state-\\d+|weights|best)\\.safetensors|run\\.lock|log\\.jsonl)';
  await removeNames(folder, new RegExp(`^\\.${ours}\\.[0-9a-f]+\\.tmp$`));
  await removeNames(join(folder, PREVIEW_FOLDER), /^\.step-.*\.[0-9a-f]+\.tmp$/);
}

async function removeNames(folder: string, pattern: RegExp): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (pattern.test(name)) await rm(join(folder, name), { force: true });
}

/** The SHA-256 of the file of each frozen module, by its role. */
export type ModuleDigests = Readonly<Record<string, string>>;

/** How far validation has come. */
export interface ValidationPosition {
  /** The step of the last validation. */
  readonly step: number;
  /** The best mean PSNR so far, and the step that had it. */
  readonly best: { readonly step: number; readonly psnr: number };
}

/** What a run's state file says besides its tensors. */
export interface RunPosition {
  readonly recipe: Recipe;
  /** Steps done. */
  readonly step: number;
  /** Seconds of training, those before a resumption included. */
  readonly seconds: number;
  readonly modules: ModuleDigests;
  /** Where the last steps were carried out; unknown of older states. */
  readonly device?: string;
  readonly validation?: ValidationPosition;
}

/** A training run as it lies on disk. */
export interface SavedRun extends RunPosition {
  readonly tensors: ReadonlyMap<string, Tensor<DataType>>;
  /** Paths of newer states that are damaged. */
  readonly damaged: readonly string[];
}

const ONLY_STATE = 'state.safetensors';
const NUMBERED = /^state-(\d+)\.safetensors$/;

/** The name of a state's file: with its step where several are kept. */
function stateFile({ recipe, step }: RunPosition): string {
  return recipe.keep === 1 ? ONLY_STATE : `state-${step}.safetensors`;
}

/**
 * The newest whole state of a run folder, where there is one.
 * @throws ModelError where there are states and none can be read; it names the newest.
 */
export async function loadRun(folder: string): Promise<SavedRun | undefined> {
  const damaged: string[] = [];
  let first: unknown;
  for (const path of await statePaths(folder)) {
    try {
      return { ...(await readState(path)), damaged };
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      first ??= error;
      damaged.push(path);
    }
  }
  if (first !== undefined) throw first;
  return undefined;
}

/** Puts damaged states out of the way under another name; nothing is lost that might be mended. */
export async function setAside(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rename(path, `${path}.damaged`);
}

/** Removes all but the newest states. */
async function dropOldStates(folder: string, kept: number): Promise<void> {
  for (const path of (await statePaths(folder)).slice(kept)) await rm(path, { force: true });
}

/** The states of a folder, the newest first. */
async function statePaths(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadableModel(folder, cause, 'folder');
  }
  const numbered = names.filter((name) => NUMBERED.test(name));
  const step = (name: string): number => Number(NUMBERED.exec(name)![1]);
  numbered.sort((one, other) => step(other) - step(one));
  const all = names.includes(ONLY_STATE) ? [ONLY_STATE, ...numbered] : numbered;
  return all.map((name) => join(folder, name));
}

async function readState(path: string): Promise<Omit<SavedRun, 'damaged'>> {
  const bytes = await readWeights(path);
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  const [step, seconds] = ['step', 'seconds'].map((key) => metadata.get(key));
  const recipe = parseJson(metadata.get('recipe'));
  const modules = parseJson(metadata.get('modules') ?? '{}');
  const validation = parseJson(metadata.get('validation') ?? 'null');
  const device = metadata.get('device');
  if (recipe === undefined || modules === undefined || !/^\d+$/.test(step ?? ''))
    throw new ModelError(path, 'is no training state', { expected: 'a recipe and a step' });
  return {
    recipe: parseRecipe(recipe),
    step: Number(step),
    seconds: Number(seconds) || 0,
    modules: modules as ModuleDigests,
    ...(device === undefined ? {} : { device }),
    ...(validation ? { validation: validation as ValidationPosition } : {}),
    tensors,
  };
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const LOCK_FILE = 'run.lock';

/**
 * Takes a run's folder for this process. A lock whose process is gone counts for nothing.
 * @throws OutputError where another process holds the folder, or the lock cannot be written.
 */
export async function lockRun(folder: string): Promise<FileLock> {
  const attempt = await takeLock(join(folder, LOCK_FILE));
  if ('lock' in attempt) return attempt.lock;
  const { pid, host } = attempt.holder;
  const what = `process ${pid} on ${host} trains here already`;
  throw new OutputError(folder, `${what}; where it is gone for sure, remove ${LOCK_FILE}`);
}
