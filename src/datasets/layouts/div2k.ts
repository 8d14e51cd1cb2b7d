import { join } from 'node:path';
import type { Layout, Split } from '../layout.js';
import { listFolder, listIfFolder, listPictures } from '../list-folder.js';
import { isPictureName } from '../names.js';
import { pairFiles } from '../pair-files.js';

const targetFolder = /^(.+?)(?:_(train|valid|test))?_HR$/i;
const scaleFolder = /^X(\d+)$/i;

interface Reduced {
  readonly folder: string;
  /** Such as `bicubic`. */
  readonly kind: string;
  readonly scale: number;
}

/**
 * `DIV2K_train_HR` beside `DIV2K_train_LR_bicubic/X4`, and so for `valid`; Flickr2K lies alike. A
 * split is the bicubic reduction by 4, or the only one; others are asked for as `valid/unknown/X2`.
 */
export const div2k: Layout = {
  name: 'div2k',
  looksFor: 'folders such as DIV2K_train_HR and DIV2K_train_LR_bicubic/X4',
  find: async (folder) => {
    const { folders } = await listFolder(folder);
    const splits: Split[] = [];
    for (const target of folders) {
      const [, set, split] = targetFolder.exec(target) ?? [];
      if (set === undefined) continue;
      const beginning = `${target.slice(0, -'HR'.length)}LR_`;
      const reduced = await findReduced(
        folder,
        folders.filter((name) => name.startsWith(beginning)),
        beginning,
      );
      splits.push(...splitsFor(join(folder, target), split?.toLowerCase(), reduced));
    }
    return splits;
  },
};

async function findReduced(
  folder: string,
  names: readonly string[],
  beginning: string,
): Promise<Reduced[]> {
  const found: Reduced[] = [];
  for (const name of names) {
    const place = join(folder, name);
    const { folders, files } = await listIfFolder(place);
    const [, kind = '', scale] = /^(.*?)_?(?:x(\d+))?$/i.exec(name.slice(beginning.length)) ?? [];
    if (files.some(isPictureName))
      found.push({ folder: place, kind: kind || 'reduced', scale: Number(scale ?? 4) });
    for (const inner of folders) {
      const digits = scaleFolder.exec(inner)?.[1];
      if (digits !== undefined)
        found.push({ folder: join(place, inner), kind, scale: Number(digits) });
    }
  }
  return found;
}

function splitsFor(target: string, name: string | undefined, reduced: readonly Reduced[]): Split[] {
  const usual =
    reduced.find(({ kind, scale }) => /^bicubic/i.test(kind) && scale === 4) ?? reduced[0];
  const prefix = name === undefined ? '' : `${name}/`;
  return reduced.flatMap((version) => {
    const split: Omit<Split, 'name'> = {
      task: 'sr',
      scale: version.scale,
      list: async () =>
        pairFiles(
          { folder: version.folder, files: await listPictures(version.folder) },
          { folder: target, files: await listPictures(target) },
        ),
    };
    const variant = `${prefix}${version.kind}/X${version.scale}`;
    const asVariant: Split = { ...split, name: variant, variant: true };
    return version === usual ? [{ ...split, name }, asVariant] : [asVariant];
  });
}
