import { realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { listIfFolder } from '../../../datasets/list-folder.js';
import { fileState } from '../../../files/fingerprint.js';
import { InputError, ParameterError } from '../../../tensor/errors.js';
import { contentOfBurst } from '../read-burst.js';
import { type FoundImage, isFolder } from './find-pictures.js';

/**
 * The bursts in folders: each folder that holds RAW frames, the named ones and all below them. A
 * burst is called by its path below the folder that was named, or by the name of that folder.
 * @throws ParameterError for an input that is no folder, InputError for one without bursts.
 */
export async function findBursts(inputs: readonly string[]): Promise<FoundImage[]> {
  for (const input of inputs)
    if (!(await isFolder(input)))
      throw new ParameterError('input', 'folders where each holds a burst', input);
  const found = await Promise.all(inputs.map(below));
  for (const [index, bursts] of found.entries())
    if (bursts.length === 0)
      throw new InputError(inputs[index]!, 'no folder in it has RAW files of a burst');
  return distinct(found.flat());
}

/** As `findBursts`, for folders in which bursts may yet appear. */
export async function findPresentBursts(inputs: readonly string[]): Promise<FoundImage[]> {
  return distinct((await Promise.all(inputs.map(below))).flat());
}

/** Changes when a frame or its description does, or another comes; undefined where there is none. */
export async function stateOfBurst(inputs: readonly string[]): Promise<string | undefined> {
  try {
    const { files } = await contentOfBurst(inputs);
    return JSON.stringify([files, await Promise.all(files.map(fileState))]);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** A folder to which links lead again is looked at once. */
async function below(root: string): Promise<FoundImage[]> {
  const bursts: FoundImage[] = [];
  const visited = new Set<string>();
  const visit = async (folder: string, path: string): Promise<void> => {
    const identity = await realpath(folder).catch(() => folder);
    if (visited.has(identity)) return;
    visited.add(identity);
    const { folders } = await listIfFolder(folder);
    const name = path === '' ? basename(resolve(root)) : path;
    if ((await stateOfBurst([folder])) !== undefined)
      bursts.push({ input: folder, name, isBurst: true });
    for (const inner of folders)
      await visit(join(folder, inner), path === '' ? inner : `${path}/${inner}`);
  };
  await visit(root, '');
  return bursts;
}

function distinct(found: readonly FoundImage[]): FoundImage[] {
  return [...new Map(found.map((burst) => [resolve(burst.input), burst])).values()];
}
