import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readWeights, whyUnreadable } from '../../files/input-file.js';
import { ModelError } from '../../tensor/errors.js';
import { decodeSafetensors } from '../../tensor/safetensors.js';
import type { DataType, Tensor } from '../../tensor/tensor.js';
import { parseRecipe, type Recipe } from '../recipe.js';

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
  /** Seconds of training in all sittings. */
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
export function stateFile({ recipe, step }: RunPosition): string {
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
export async function dropOldStates(folder: string, kept: number): Promise<void> {
  for (const path of (await statePaths(folder)).slice(kept)) await rm(path, { force: true });
}

/** The states of a folder, the newest first. */
async function statePaths(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new ModelError(folder, whyUnreadable(cause, 'folder'), { cause });
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
