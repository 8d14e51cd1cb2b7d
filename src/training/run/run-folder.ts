import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../files/output-file.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import type { Network } from '../../networks/network.js';
import { encodeSafetensors } from '../../tensor/safetensors.js';
import { encodeModule } from '../../weights/module-file.js';
import { averagedWeights, type TrainingState } from '../step/state.js';
import { dropOldStates, type RunPosition, stateFile } from './saved-states.js';

export {
  loadRun,
  type ModuleDigests,
  type RunPosition,
  type SavedRun,
  setAside,
  type ValidationPosition,
} from './saved-states.js';

/** What a run makes: a network, its configuration as JSON, and the names of its parameters. */
export interface RunResult {
  readonly network: Network;
  readonly config: unknown;
  readonly names: Iterable<string>;
}

/** The result of a run: the averaged weights as a module. */
export const WEIGHTS_FILE = 'weights.safetensors';
/** The averaged weights that were best on held-out pictures, as a module. */
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
