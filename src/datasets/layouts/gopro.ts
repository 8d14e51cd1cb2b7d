import { join } from 'node:path';
import type { StrayFile } from '../dataset.js';
import type { Layout, SplitContent } from '../layout.js';
import { listFolder, listPictures } from '../list-folder.js';
import { pairFiles } from '../pair-files.js';
import { type FoundSplit, joinContents, splitsOf } from '../splits.js';

/**
 * `train/SEQUENCE/blur/000001.png` beside `sharp` and `blur_gamma`. `blur`, the mean of linear
 * frames, is taken; `blur_gamma` only where there is nothing else.
 */
export const gopro: Layout = {
  name: 'gopro',
  looksFor: 'folders train and test of sequences, each with blur and sharp',
  find: (folder) => splitsOf(folder, findSequences),
};

/** Most folders must be sequences; those that are not are strays. */
async function findSequences(folder: string): Promise<FoundSplit | undefined> {
  const { folders } = await listFolder(folder);
  const sequences: { name: string; blur: string }[] = [];
  const strays: StrayFile[] = [];
  for (const name of folders) {
    const inside = (await listFolder(join(folder, name))).folders;
    const blur = ['blur', 'blur_gamma'].find((candidate) => inside.includes(candidate));
    if (blur !== undefined && inside.includes('sharp')) sequences.push({ name, blur });
    else strays.push({ file: join(folder, name), reason: 'is no sequence with blur and sharp' });
  }
  if (sequences.length <= strays.length) return undefined;
  return {
    task: 'deblur',
    scale: 1,
    list: async () => {
      const contents: SplitContent[] = [];
      for (const { name, blur } of sequences) contents.push(await sequence(folder, name, blur));
      return joinContents([...contents, { items: [], strays }]);
    },
  };
}

async function sequence(folder: string, name: string, blur: string) {
  const side = async (part: string) => {
    const place = join(folder, name, part);
    return { folder: place, files: await listPictures(place) };
  };
  const { items, strays } = pairFiles(await side(blur), await side('sharp'));
  return { items: items.map((item) => ({ ...item, name: `${name}/${item.name}` })), strays };
}
