import { realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { isImageName, listFolder, listIfFolder, listImages } from '../../datasets/list-folder.js';
import { fileState } from '../../files/digest.js';
import { isPattern, matchesPattern } from '../../files/glob.js';
import { isFolder } from '../../files/input-file.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import { contentOfBurst } from '../read-burst.js';

/** An image or burst to restore, and its name below a folder of results. */
export interface FoundImage {
  readonly input: string;
  /**
   * With forward slashes: the path below the input folder, or below the part of a pattern that has no
   * wildcard; the file name of a single file.
   */
  readonly name: string;
  /** Whether the input is a folder of RAW frames that become one image. */
  readonly isBurst?: boolean;
}

/** Which images of folders and patterns are found. */
export interface FindOptions {
  /** Whether to search the subfolders of folders too; default false. */
  readonly recursive?: boolean | undefined;
  /** A folder whose content is skipped: the folder of the results. */
  readonly exclude?: string | undefined;
}

/**
 * The images that inputs of a command line name: files, folders, and patterns in which * stands
 * for any run of characters, ? for one and a part ** for any number of folders. A file that exists
 * is never taken for a pattern, whatever its name. Missing files are returned too and fail when they
 * are restored. No file is returned twice.
 * @throws InputError for a folder or pattern without images, or a folder that cannot be read.
 */
export async function findImages(
  inputs: readonly string[],
  options: FindOptions = {},
): Promise<FoundImage[]> {
  const found = new Map<string, FoundImage>();
  for (const input of inputs) {
    const images = await imagesOf(input, options);
    if (images.length === 0)
      throw new InputError(
        input,
        isPattern(input) ? 'no image matches this pattern' : 'the folder has no images',
      );
    for (const image of images) {
      const key = resolve(image.input);
      if (!found.has(key)) found.set(key, image);
    }
  }
  return [...found.values()];
}

/** Like `findImages`, for inputs that may have no images yet; missing files are skipped. */
export async function findPresent(
  inputs: readonly string[],
  options: FindOptions = {},
): Promise<FoundImage[]> {
  const found = new Map<string, FoundImage>();
  for (const input of inputs)
    for (const image of await imagesOf(input, options)) {
      const isThere = await stat(image.input).then(
        (entry) => entry.isFile(),
        () => false,
      );
      if (isThere) found.set(resolve(image.input), image);
    }
  return [...found.values()];
}

async function imagesOf(input: string, { recursive, exclude }: FindOptions): Promise<FoundImage[]> {
  const facts = await stat(input).catch(() => undefined);
  if (facts?.isDirectory()) {
    const names = recursive ? await listImages(input) : await imageNames(input);
    return withoutFolder(exclude, input, below(input, names));
  }
  if (facts !== undefined || !isPattern(input)) return [{ input, name: basename(input) }];
  const { root, pattern } = splitPattern(input);
  if (!(await isFolder(root))) return [];
  const names = (await listImages(root)).filter((name) => matchesPattern(name, pattern));
  return withoutFolder(exclude, root, below(root, names));
}

/** The folder before the first part with a wildcard, and the pattern below it. */
export function splitPattern(input: string): { readonly root: string; readonly pattern: string } {
  const parts = input.split(sep === '/' ? '/' : /[\\/]/);
  const first = parts.findIndex(isPattern);
  const root = first === 0 ? '.' : parts.slice(0, first).join('/') || '/';
  return { root, pattern: parts.slice(first).join('/') };
}

async function imageNames(folder: string): Promise<string[]> {
  return (await listFolder(folder)).files.filter(isImageName);
}

function below(folder: string, names: readonly string[]): FoundImage[] {
  return names.map((name) => ({ input: join(folder, name), name }));
}

/** The images without those in a folder below the root where they were found. */
async function withoutFolder(
  folder: string | undefined,
  root: string,
  found: readonly FoundImage[],
): Promise<FoundImage[]> {
  const [excluded, top] = await Promise.all([realPath(folder ?? root), realPath(root)]);
  if (!excluded.startsWith(`${top}${sep}`)) return [...found];
  const isInside = await Promise.all(
    found.map(async ({ input }) => (await realPath(input)).startsWith(`${excluded}${sep}`)),
  );
  return found.filter((_, index) => !isInside[index]);
}

function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

/**
 * The bursts in folders: each folder with RAW frames, the inputs themselves and all folders below
 * them. The name of a burst is its path below the input, or the name of the input.
 * @throws ParameterError for an input that is no folder, InputError for one without bursts.
 */
export async function findBursts(inputs: readonly string[]): Promise<FoundImage[]> {
  for (const input of inputs)
    if (!(await isFolder(input)))
      throw new ParameterError('input', 'folders where each holds a burst', input);
  const found = await Promise.all(inputs.map(burstsBelow));
  for (const [index, bursts] of found.entries())
    if (bursts.length === 0)
      throw new InputError(inputs[index]!, 'no folder in it has RAW files of a burst');
  return distinct(found.flat());
}

/** Like `findBursts`, for folders that may have no bursts yet. */
export async function findPresentBursts(inputs: readonly string[]): Promise<FoundImage[]> {
  return distinct((await Promise.all(inputs.map(burstsBelow))).flat());
}

/** A text that changes with the frames of a burst and their descriptions; undefined without frames. */
export async function stateOfBurst(inputs: readonly string[]): Promise<string | undefined> {
  try {
    const { files } = await contentOfBurst(inputs);
    return JSON.stringify([files, await Promise.all(files.map(fileState))]);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** The bursts of a folder and its subfolders; a folder that links lead to again is visited once. */
async function burstsBelow(root: string): Promise<FoundImage[]> {
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
