import { appendFile, mkdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeModule } from '../checkpoints/module-file.js';
import { writeFileAtomic } from '../files/write-atomic.js';
import type { Network } from '../networks/network.js';
import { ModelError, OutputError } from '../tensor/errors.js';
import { decodeSafetensors, encodeSafetensors } from '../tensor/safetensors.js';
import type { DataType, Tensor } from '../tensor/tensor.js';
import { parseRecipe, type Recipe } from './recipe.js';
import { averagedWeights, type TrainingState } from './state.js';

/** A training run as it lies on disk. */
export interface SavedRun {
  readonly recipe: Recipe;
  /** Steps done. */
  readonly step: number;
  /** Seconds of training in all sittings. */
  readonly seconds: number;
  readonly tensors: ReadonlyMap<string, Tensor<DataType>>;
}

const STATE_FILE = 'state.safetensors';
/** The result of a run: the averaged weights as a module. */
export const WEIGHTS_FILE = 'weights.safetensors';
export const LOG_FILE = 'log.jsonl';

/** The saved state of a run folder, where there is one. */
export async function loadRun(folder: string): Promise<SavedRun | undefined> {
  const path = join(folder, STATE_FILE);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ModelError(path, 'cannot be read', { cause });
  }
  const { tensors, metadata } = decodeSafetensors(bytes);
  const [recipe, step, seconds] = ['recipe', 'step', 'seconds'].map((key) => metadata.get(key));
  if (recipe === undefined || !/^\d+$/.test(step ?? '') || !(Number(seconds) >= 0))
    throw new ModelError(path, 'is no training state', { expected: 'recipe, step and seconds' });
  return {
    recipe: parseRecipe(JSON.parse(recipe)),
    step: Number(step),
    seconds: Number(seconds),
    tensors,
  };
}

/** Writes a run's state and its weights so far, each as a whole. */
export async function saveRun(
  folder: string,
  run: { recipe: Recipe; step: number; seconds: number; state: TrainingState },
  result: { network: Network; config: unknown; names: Iterable<string> },
): Promise<void> {
  const { recipe, step, seconds, state } = run;
  const metadata = new Map([
    ['recipe', JSON.stringify(recipe)],
    ['step', String(step)],
    ['seconds', seconds.toFixed(3)],
  ]);
  const weights = averagedWeights(state, result.names);
  const { network, config } = result;
  await writeFileAtomic(join(folder, WEIGHTS_FILE), encodeModule({ network, config, weights }));
  await writeFileAtomic(join(folder, STATE_FILE), encodeSafetensors(state, metadata));
}

/** Makes the folder of a run. */
export async function makeRunFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new OutputError(folder, 'cannot be made', { cause });
  }
}

/** Adds one line to a run's log. */
export async function appendLog(folder: string, entry: object): Promise<void> {
  try {
    await appendFile(join(folder, LOG_FILE), `${JSON.stringify(entry)}\n`);
  } catch (cause) {
    throw new OutputError(join(folder, LOG_FILE), 'cannot be written', { cause });
  }
}

/** Takes away the log's lines that come after `step`, as a run stopped between saves leaves them. */
export async function trimLog(folder: string, step: number): Promise<void> {
  const path = join(folder, LOG_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return;
  }
  let length = 0;
  for (const line of text.split('\n')) {
    if (line === '' || !isBefore(line, step)) break;
    length += Buffer.byteLength(line) + 1;
  }
  await truncate(path, length);
}

function isBefore(line: string, step: number): boolean {
  try {
    return (JSON.parse(line) as { step: number }).step <= step;
  } catch {
    return false;
  }
}
