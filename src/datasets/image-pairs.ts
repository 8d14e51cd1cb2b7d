import { join } from 'node:path';
import { type ImageHeader, readImageHeader } from '../images/source.js';
import { DpirError } from '../utils/errors.js';
import type { DatasetItem, LayoutName, SplitContent, StrayFile } from './dataset.js';
import { compareNames, stem } from './list-folder.js';

/** Images of one side of the pairs: paths below a folder. */
interface PairSide {
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
 * without a suffix for their role, such as `x4`. Of files with one name and several
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

/** Images after which a scale is taken for granted to be what most of them say. */
const asked = 5;

/** The size that a target is compared with: a packed mosaic counts as its RGB grid. */
export function gridSize(
  { width, height, channels }: ImageHeader,
  layout: LayoutName,
): { readonly width: number; readonly height: number } {
  const packed = channels === 4 && (layout === 'synthetic-burst' || layout === 'burst-sr');
  return packed ? { width: 2 * width, height: 2 * height } : { width, height };
}

/**
 * Target pixels per input pixel of the first few pairs, by majority; 1 where no pair can be read, and
 * for bursts without targets the 4 of their protocol.
 */
export async function pairScale(
  layout: LayoutName,
  items: readonly DatasetItem[],
): Promise<number> {
  const votes = new Map<number, number>();
  const usual = layout === 'synthetic-burst' || layout === 'burst-sr' ? 4 : 1;
  for (const { inputs, target } of items.filter((item) => item.target).slice(0, asked)) {
    try {
      const input = gridSize(await readImageHeader(inputs[0]!), layout);
      const { width, height } = await readImageHeader(target!);
      const scale = Math.max(
        1,
        Math.round(Math.sqrt((width * height) / (input.width * input.height))),
      );
      votes.set(scale, (votes.get(scale) ?? 0) + 1);
    } catch (error) {
      // `checkDataset` reports damage.
      if (!(error instanceof DpirError)) throw error;
    }
  }
  const best = [...votes].sort((left, right) => right[1] - left[1])[0];
  return best?.[0] ?? usual;
}
