import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readInputText, unreadableInput } from '../files/input-file.js';
import { InputError } from '../utils/errors.js';
import type { DatasetItem, Split, SplitContent } from './dataset.js';

/** Entries of a folder, each list in the order of names; hidden entries are skipped. */
export interface FolderContent {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/**
 * Lists a folder; links count as what they lead to, and those that lead nowhere as files.
 * @throws InputError where the folder cannot be read.
 */
export async function listFolder(folder: string): Promise<FolderContent> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw unreadableInput(folder, cause, 'folder');
  }
  const folders: string[] = [];
  const files: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    if (await leadsToFolder(folder, entry)) folders.push(entry.name);
    else if (entry.isFile() || entry.isSymbolicLink()) files.push(entry.name);
  }
  return { folders: folders.sort(compareNames), files: files.sort(compareNames) };
}

/** The content of a folder, empty where there is no such folder. */
export async function listIfFolder(folder: string): Promise<FolderContent> {
  const entry = await stat(folder).catch(() => undefined);
  return entry?.isDirectory() ? listFolder(folder) : { folders: [], files: [] };
}

/**
 * The images of a folder and of all folders in it, as paths below it with forward slashes, in the
 * order of names, folder by folder. A folder that links lead to again is listed once.
 */
export async function listImages(folder: string): Promise<string[]> {
  const found: string[] = [];
  const visited = new Set<string>();
  const visit = async (below: string): Promise<void> => {
    const path = join(folder, below);
    const identity = await realpath(path).catch(() => path);
    if (visited.has(identity)) return;
    visited.add(identity);
    const { folders, files } = await listFolder(path);
    for (const name of files) if (isImageName(name)) found.push(`${below}${name}`);
    for (const name of folders) await visit(`${below}${name}/`);
  };
  await visit('');
  return found;
}

async function leadsToFolder(folder: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  const target = await stat(join(folder, entry.name)).catch(() => undefined);
  return target?.isDirectory() ?? false;
}

const imageExtension = /\.(png|jpe?g|webp|tiff?|avif)$/i;

/** True for the name of an image that can be read; hidden files are none. */
export function isImageName(name: string): boolean {
  return !name.startsWith('.') && imageExtension.test(name);
}

/** A name without the extension of an image. */
export function stem(name: string): string {
  return name.replace(imageExtension, '');
}

const runs = /(\d+)/;

/**
 * Orders names as people number them, frame 10 after frame 9: runs of digits by value, all else by
 * code units. Independent of any locale; names of equal value differ by their code units.
 */
export function compareNames(left: string, right: string): number {
  const ours = left.split(runs);
  const theirs = right.split(runs);
  for (let at = 0; at < Math.min(ours.length, theirs.length); at++) {
    const order = at % 2 === 1 ? compareDigits(ours[at]!, theirs[at]!) : 0;
    if (order !== 0) return order;
    if (at % 2 === 0 && ours[at] !== theirs[at]) return byCodeUnits(ours[at]!, theirs[at]!);
  }
  return ours.length - theirs.length || byCodeUnits(left, right);
}

/** Of any length: a number too long for exact arithmetic is longer, or greater digit by digit. */
function compareDigits(left: string, right: string): number {
  const ours = left.replace(/^0+/, '');
  const theirs = right.replace(/^0+/, '');
  return ours.length - theirs.length || byCodeUnits(ours, theirs);
}

function byCodeUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

const aliases: Readonly<Record<string, string>> = { val: 'valid', validation: 'valid' };
const splitNames = /^(train|val|valid|validation|test)$/i;

/** The name by which a split is known, whatever its folder is called: `val` is `valid`. */
export function splitName(name: string): string {
  const lower = name.toLowerCase();
  return Object.hasOwn(aliases, lower) ? aliases[lower]! : lower;
}

/** A split of a layout whose splits all look alike. */
export type FoundSplit = Omit<Split, 'name'>;

/**
 * The splits of a folder whose sub-folders `train`, `valid` and `test` lie like the layout, or the
 * folder itself where it does.
 */
export async function splitsOf(
  folder: string,
  find: (folder: string) => Promise<FoundSplit | undefined>,
): Promise<Split[]> {
  const whole = await find(folder);
  if (whole !== undefined) return [{ ...whole, name: undefined }];
  const splits: Split[] = [];
  for (const name of (await listFolder(folder)).folders) {
    if (!splitNames.test(name)) continue;
    const found = await find(join(folder, name));
    if (found !== undefined) splits.push({ ...found, name: splitName(name) });
  }
  return splits;
}

/** Several lists as one. */
export function joinContents(contents: readonly SplitContent[]): SplitContent {
  return {
    items: contents.flatMap(({ items }) => items),
    strays: contents.flatMap(({ strays }) => strays),
  };
}

/** Bytes of a list at most. */
const MOST_BYTES = 2 ** 24;

/**
 * Reads a list of examples: a name on each line, such as `003.jpg`, below the folder of the data set
 * and with forward slashes. Empty lines and lines that begin with `#` are skipped.
 * @throws InputError where the file cannot be read, names nothing, or names something twice.
 * @example
 * await readNameList('bench/splits/bsds-benchmark.txt'); // ['000.jpg', '004.jpg', ...]
 */
export async function readNameList(file: string): Promise<string[]> {
  const text = await readInputText(file, MOST_BYTES).catch((cause) => {
    throw unreadableInput(file, cause);
  });
  const names = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (names.length === 0) throw new InputError(file, 'names nothing', { expected: 'names' });
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new InputError(file, `names ${twice} twice`);
  return names;
}

/**
 * The indices of listed examples in a data set, in the order of the data set. A name fits an example
 * with or without the extension of an image.
 * @param file that holds the list, for errors.
 * @throws InputError for names that the data set does not have.
 */
export function indicesOfNames(
  items: readonly Pick<DatasetItem, 'name'>[],
  names: readonly string[],
  { file, folder }: { readonly file: string; readonly folder: string },
): number[] {
  const indices = new Map(items.map(({ name }, index) => [name, index]));
  const found = names.map((name) => indices.get(name) ?? indices.get(stem(name)));
  const missing = names.filter((_, index) => found[index] === undefined);
  if (missing.length > 0) {
    const others = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
    throw new InputError(file, `names ${missing[0]}${others}, which ${folder} does not have`, {
      expected: `names of examples in ${folder}`,
      received: missing.join(', '),
    });
  }
  return [...new Set(found as number[])].sort((a, b) => a - b);
}
