import { realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isImageName, listFolder, listIfFolder, listImages } from '../../datasets/list-folder.js';
import { fileState } from '../../files/fingerprint.js';
import { matches } from '../../raw/burst-files.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import { contentOfBurst } from '../read-burst.js';

/** An image or burst to restore, and what it is called below a folder of results. */
export interface FoundImage {
  readonly input: string;
  /**
   * With forward slashes: the path below the folder that was named, or below the part of a pattern
   * that has no wildcard; of a file its name.
   */
  readonly name: string;
  /** Whether the input is a folder of RAW frames that become one image. */
  readonly isBurst?: boolean;
}

/** Where images are looked for. */
export interface FindOptions {
  /** Whether folders stand for what lies in their subfolders as well; default false. */
  readonly recursive?: boolean | undefined;
  /** A folder whose content is left out: that of the results. */
  readonly exclude?: string | undefined;
}

/**
 * The images that words of a command line name: files, folders, and patterns in which * stands
 * for any run of characters, ? for one and a part ** for any number of folders. Names of files that
 * are missing are kept, so that they fail by themselves. No file counts twice.
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

/** As `findImages`, for inputs in which images may yet appear. */
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

/** Whether a word has wildcards. */
export function isPattern(word: string): boolean {
  return /[*?]/.test(word);
}

async function imagesOf(input: string, { recursive, exclude }: FindOptions): Promise<FoundImage[]> {
  const facts = await stat(input).catch(() => undefined);
  if (facts?.isDirectory()) {
    const names = recursive ? await listImages(input) : await imageNames(input);
    return outsideOf(exclude, input, below(input, names));
  }
  if (facts !== undefined || !isPattern(input)) return [{ input, name: basename(input) }];
  const parts = input.split(sep === '/' ? '/' : /[\\/]/);
  const first = parts.findIndex(isPattern);
  const root = first === 0 ? '.' : parts.slice(0, first).join('/') || '/';
  if (!(await isFolder(root))) return [];
  const pattern = parts.slice(first);
  const names = (await listImages(root)).filter((name) => matchesPath(name.split('/'), pattern));
  return outsideOf(exclude, root, below(root, names));
}

async function imageNames(folder: string): Promise<string[]> {
  return (await listFolder(folder)).files.filter(isImageName);
}

function below(folder: string, names: readonly string[]): FoundImage[] {
  return names.map((name) => ({ input: join(folder, name), name }));
}

/** The images without those in a folder below the one where they were found. */
async function outsideOf(
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

/** Whether there is a folder of this name. */
export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

/** Whether parts of a path match those of a pattern; ** stands for any number of parts. */
function matchesPath(parts: readonly string[], pattern: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return parts.length === 0;
  if (head === '**')
    return Array.from(parts.keys())
      .concat(parts.length)
      .some((from) => matchesPath(parts.slice(from), rest));
  return parts.length > 0 && matches(parts[0]!, head) && matchesPath(parts.slice(1), rest);
}

/**
 * The bursts in folders: each folder that holds RAW frames, the named ones and all below them. A
 * burst is called by its path below the folder that was named, or by the name of that folder.
 * @throws ParameterError for an input that is no folder, InputError for one without bursts.
 */
export async function findBursts(inputs: readonly string[]): Promise<FoundImage[]> {
  for (const input of inputs)
    if (!(await isFolder(input)))
      throw new ParameterError('input', 'folders where each holds a burst', input);
  const found = await Promise.all(inputs.map(belowFolders));
  for (const [index, bursts] of found.entries())
    if (bursts.length === 0)
      throw new InputError(inputs[index]!, 'no folder in it has RAW files of a burst');
  return distinct(found.flat());
}

/** As `findBursts`, for folders in which bursts may yet appear. */
export async function findPresentBursts(inputs: readonly string[]): Promise<FoundImage[]> {
  return distinct((await Promise.all(inputs.map(belowFolders))).flat());
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
async function belowFolders(root: string): Promise<FoundImage[]> {
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

/** How a folder is watched. */
export interface WatchOptions extends FindOptions {
  readonly signal: AbortSignal;
  /** Milliseconds between looks; default 500. */
  readonly interval?: number | undefined;
  /** Milliseconds for which a file has to stay the same; default 1500. */
  readonly settle?: number | undefined;
}

/** A file as it was last seen. */
interface Seen {
  readonly state: string;
  readonly since: number;
  readonly isGiven: boolean;
}

/**
 * The images of folders and patterns: those that are there, those that appear, and those that
 * change, each once its file has stayed the same for a while. Ends when the signal is aborted.
 * Folders are looked at again and again, which works on every file system.
 * @throws InputError where a folder cannot be read.
 */
export function watchImages(
  inputs: readonly string[],
  options: WatchOptions,
): AsyncGenerator<FoundImage> {
  return watch(
    () => findPresent(inputs, options),
    ({ input }) => fileState(input),
    options,
  );
}

/** The bursts of folders and those below them, as `watchImages`: again when a frame is added. */
export function watchBursts(
  inputs: readonly string[],
  options: Omit<WatchOptions, keyof FindOptions>,
): AsyncGenerator<FoundImage> {
  return watch(
    () => findPresentBursts(inputs),
    ({ input }) => stateOfBurst([input]),
    options,
  );
}

async function* watch(
  find: () => Promise<readonly FoundImage[]>,
  stateOf: (found: FoundImage) => Promise<string | undefined>,
  { signal, interval = 500, settle = 1500 }: WatchOptions,
): AsyncGenerator<FoundImage> {
  const seen = new Map<string, Seen>();
  while (!signal.aborted) {
    const found = await find();
    const present = new Set(found.map(({ input }) => input));
    for (const path of seen.keys()) if (!present.has(path)) seen.delete(path);
    for (const image of found) {
      const state = await stateOf(image);
      if (state === undefined) continue;
      const before = seen.get(image.input);
      const time = performance.now();
      if (before?.state !== state) {
        seen.set(image.input, { state, since: time, isGiven: false });
      } else if (!before.isGiven && time - before.since >= settle) {
        seen.set(image.input, { ...before, isGiven: true });
        if (signal.aborted) return;
        yield image;
      }
    }
    await delay(interval, undefined, { signal }).catch(() => undefined);
  }
}
