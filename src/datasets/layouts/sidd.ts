import { join } from 'node:path';
import type { Layout } from '../layout.js';
import { listFolder, listIfFolder, listPictures } from '../list-folder.js';
import { isPictureName, stem } from '../names.js';
import { pairFiles } from '../pair-files.js';
import { type FoundSplit, splitsOf } from '../splits.js';

const part = /(?<=^|[_/-])(NOISY|GT)(?=[_-]|$)(?!.*\/)/i;

const colours = /_S?RGB/i;

/** NOISY or GT, where a file's name says so. */
function partOf(file: string): string | undefined {
  return part.exec(stem(file))?.[1]?.toUpperCase();
}

/**
 * Scene folders, which may lie in `Data`, with `0001_NOISY_SRGB_010.PNG` beside
 * `0001_GT_SRGB_010.PNG`, with or without the number in front.
 */
export const sidd: Layout = {
  name: 'sidd',
  looksFor: 'scene folders with NOISY and GT pictures',
  find: (folder) => splitsOf(folder, findScenes),
};

async function findScenes(folder: string): Promise<FoundSplit | undefined> {
  const data = (await listIfFolder(join(folder, 'Data'))).folders.length > 0 ? 'Data' : '';
  const root = join(folder, data);
  if (!(await holdsScenes(root))) return undefined;
  return {
    task: 'denoise',
    scale: 1,
    list: async () => {
      const files = await listPictures(root);
      const side = (which: string) => ({
        folder: root,
        files: files.filter((file) => partOf(file) === which),
        nameOf: (file: string) => stem(file).replace(part, 'NOISY'),
      });
      const { items, strays } = pairFiles(side('NOISY'), side('GT'));
      return { items, strays };
    },
  };
}

async function holdsScenes(root: string): Promise<boolean> {
  for (const name of (await listFolder(root)).folders) {
    const { files } = await listFolder(join(root, name));
    if (
      files.some((file) => isPictureName(file) && partOf(file) !== undefined && colours.test(file))
    )
      return true;
  }
  return false;
}
