import { readInputText, unreadableInput } from '../files/input-file.js';
import { InputError } from '../utils/errors.js';
import type { DatasetItem } from './dataset.js';
import { stem } from './list-folder.js';

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
