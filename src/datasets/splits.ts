import { join } from 'node:path';
import type { Split, SplitContent } from './layout.js';
import { listFolder } from './list-folder.js';

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
