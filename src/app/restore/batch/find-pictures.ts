import { realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { isImageName, listFolder, listImages } from '../../../datasets/list-folder.js';
import { matches } from '../../../raw/burst-files.js';
import { InputError } from '../../../tensor/errors.js';

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
  readonly leaveOut?: string | undefined;
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

async function imagesOf(
  input: string,
  { recursive, leaveOut }: FindOptions,
): Promise<FoundImage[]> {
  const facts = await stat(input).catch(() => undefined);
  if (facts?.isDirectory()) {
    const names = recursive ? await listImages(input) : await imageNames(input);
    return outsideOf(leaveOut, input, below(input, names));
  }
  if (facts !== undefined || !isPattern(input)) return [{ input, name: basename(input) }];
  const parts = input.split(sep === '/' ? '/' : /[\\/]/);
  const first = parts.findIndex(isPattern);
  const root = first === 0 ? '.' : parts.slice(0, first).join('/') || '/';
  if (!(await isFolder(root))) return [];
  const pattern = parts.slice(first);
  const names = (await listImages(root)).filter((name) => matchesPath(name.split('/'), pattern));
  return outsideOf(leaveOut, root, below(root, names));
}

async function imageNames(folder: string): Promise<string[]> {
  return (await listFolder(folder)).files.filter(isImageName);
}

function below(folder: string, names: readonly string[]): FoundImage[] {
  return names.map((name) => ({ input: join(folder, name), name }));
}

/** The images without those in a folder that lies below the place where they were found. */
async function outsideOf(
  folder: string | undefined,
  root: string,
  found: readonly FoundImage[],
): Promise<FoundImage[]> {
  const [place, top] = await Promise.all([realPath(folder ?? root), realPath(root)]);
  if (!place.startsWith(`${top}${sep}`)) return [...found];
  const isInside = await Promise.all(
    found.map(async ({ input }) => (await realPath(input)).startsWith(`${place}${sep}`)),
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
