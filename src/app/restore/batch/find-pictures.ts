import { realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { isPictureName, listFolder, listPictures } from '../../../datasets/list-folder.js';
import { matches } from '../../../raw/burst-files.js';
import { InputError } from '../../../tensor/errors.js';

/** A picture or burst to restore, and what it is called below a folder of results. */
export interface FoundPicture {
  readonly input: string;
  /**
   * With forward slashes: the path below the folder that was named, or below the part of a pattern
   * that has no wildcard; of a file its name.
   */
  readonly name: string;
  /** Whether the input is a folder of RAW frames that become one picture. */
  readonly isBurst?: boolean;
}

/** Where pictures are looked for. */
export interface FindOptions {
  /** Whether folders stand for what lies in their subfolders as well; default false. */
  readonly recursive?: boolean | undefined;
  /** A folder whose content is left out: that of the results. */
  readonly leaveOut?: string | undefined;
}

/**
 * The pictures that words of a command line name: files, folders, and patterns in which * stands
 * for any run of characters, ? for one and a part ** for any number of folders. Names of files that
 * are missing are kept, so that they fail by themselves. No file counts twice.
 * @throws InputError for a folder or pattern without pictures, or a folder that cannot be read.
 */
export async function findPictures(
  inputs: readonly string[],
  options: FindOptions = {},
): Promise<FoundPicture[]> {
  const found = new Map<string, FoundPicture>();
  for (const input of inputs) {
    const pictures = await picturesOf(input, options);
    if (pictures.length === 0)
      throw new InputError(
        input,
        isPattern(input) ? 'no picture matches this pattern' : 'the folder has no pictures',
      );
    for (const picture of pictures) {
      const key = resolve(picture.input);
      if (!found.has(key)) found.set(key, picture);
    }
  }
  return [...found.values()];
}

/** As `findPictures`, for inputs in which pictures may yet appear. */
export async function findPresent(
  inputs: readonly string[],
  options: FindOptions = {},
): Promise<FoundPicture[]> {
  const found = new Map<string, FoundPicture>();
  for (const input of inputs)
    for (const picture of await picturesOf(input, options)) {
      const isThere = await stat(picture.input).then(
        (entry) => entry.isFile(),
        () => false,
      );
      if (isThere) found.set(resolve(picture.input), picture);
    }
  return [...found.values()];
}

/** Whether a word has wildcards. */
export function isPattern(word: string): boolean {
  return /[*?]/.test(word);
}

async function picturesOf(
  input: string,
  { recursive, leaveOut }: FindOptions,
): Promise<FoundPicture[]> {
  const facts = await stat(input).catch(() => undefined);
  if (facts?.isDirectory()) {
    const names = recursive ? await listPictures(input) : await pictureNames(input);
    return outsideOf(leaveOut, input, below(input, names));
  }
  if (facts !== undefined || !isPattern(input)) return [{ input, name: basename(input) }];
  const parts = input.split(sep === '/' ? '/' : /[\\/]/);
  const first = parts.findIndex(isPattern);
  const root = first === 0 ? '.' : parts.slice(0, first).join('/') || '/';
  if (!(await isFolder(root))) return [];
  const pattern = parts.slice(first);
  const names = (await listPictures(root)).filter((name) => matchesPath(name.split('/'), pattern));
  return outsideOf(leaveOut, root, below(root, names));
}

async function pictureNames(folder: string): Promise<string[]> {
  return (await listFolder(folder)).files.filter(isPictureName);
}

function below(folder: string, names: readonly string[]): FoundPicture[] {
  return names.map((name) => ({ input: join(folder, name), name }));
}

/** The pictures without those in a folder that lies below the place where they were found. */
async function outsideOf(
  folder: string | undefined,
  root: string,
  found: readonly FoundPicture[],
): Promise<FoundPicture[]> {
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
