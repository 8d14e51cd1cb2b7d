import { join } from 'node:path';
import type { DatasetItem, StrayFile } from './dataset.js';
import type { SplitContent } from './layout.js';
import { compareNames, stem } from './names.js';

/** Pictures of one side of the pairs: paths below a folder. */
export interface PairSide {
  readonly folder: string;
  readonly files: readonly string[];
  /** The name by which a file is paired, its path without extension unless given. */
  readonly nameOf?: (file: string) => string;
}

const scaleSuffix = /[_-]?x\d+[a-z]?\d?$/i;
const roleSuffix =
  /[_-](lr(bic|b[id])?|hr|lq|gt|input|target|blur(red|ry)?|sharp|noisy|clean|degraded)$/i;

/** The name that partners share: `img_LR_x4`, `imgx4` and `img_HR` are all `img`. */
export function sharedName(name: string): string {
  const short = name.replace(scaleSuffix, '').replace(roleSuffix, '');
  return short === '' || short.endsWith('/') ? name : short;
}

/**
 * Pairs two lists of files by name: those of equal names first, then those whose names are equal
 * without a suffix that tells of their part, such as `x4`. Of files with one name and several
 * extensions the first is taken, and the others are strays.
 */
export function pairFiles(inputs: PairSide, targets: PairSide): SplitContent {
  const strays: StrayFile[] = [];
  const ours = byName(inputs, strays);
  const theirs = byName(targets, strays);
  const items: DatasetItem[] = [];
  const pair = (name: string, input: string, target: string): void => {
    items.push({
      name,
      inputs: [join(inputs.folder, input)],
      target: join(targets.folder, target),
    });
  };
  for (const [name, input] of [...ours]) {
    const target = theirs.get(name);
    if (target === undefined) continue;
    pair(name, input, target);
    ours.delete(name);
    theirs.delete(name);
  }
  const loose = bySharedName(theirs);
  const claimed = bySharedName(ours);
  for (const [name, candidates] of claimed) {
    const partners = loose.get(name) ?? [];
    if (candidates.length !== 1 || partners.length !== 1) continue;
    pair(name, ours.get(candidates[0]!)!, theirs.get(partners[0]!)!);
    ours.delete(candidates[0]!);
    theirs.delete(partners[0]!);
  }
  for (const file of ours.values())
    strays.push({ file: join(inputs.folder, file), reason: `no partner in ${targets.folder}` });
  for (const file of theirs.values())
    strays.push({ file: join(targets.folder, file), reason: `no partner in ${inputs.folder}` });
  items.sort((left, right) => compareNames(left.name, right.name));
  return { items, strays };
}

function byName(
  { folder, files, nameOf = stem }: PairSide,
  strays: StrayFile[],
): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of files) {
    const known = found.get(nameOf(file));
    if (known === undefined) found.set(nameOf(file), file);
    else strays.push({ file: join(folder, file), reason: `has the name of ${known}` });
  }
  return found;
}

function bySharedName(files: ReadonlyMap<string, string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of files.keys()) {
    const shared = sharedName(name);
    const known = found.get(shared);
    if (known === undefined) found.set(shared, [name]);
    else known.push(name);
  }
  return found;
}
