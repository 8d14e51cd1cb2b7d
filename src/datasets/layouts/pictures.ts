import { join } from 'node:path';
import type { StrayFile } from '../dataset.js';
import type { Layout } from '../layout.js';
import { listPictures } from '../list-folder.js';
import { stem } from '../names.js';

/** Pictures in a folder and the folders below it, without partners. */
export const pictures: Layout = {
  name: 'pictures',
  looksFor: 'pictures in the folder or below it',
  find: async (folder) => {
    const files = await listPictures(folder);
    if (files.length === 0) return [];
    return [{ name: undefined, task: undefined, scale: 1, list: async () => named(folder, files) }];
  },
};

/** Two pictures of one name, such as a PNG and its JPEG, are told apart by their extensions. */
function named(folder: string, files: readonly string[]) {
  const count = new Map<string, number>();
  for (const file of files) count.set(stem(file), (count.get(stem(file)) ?? 0) + 1);
  const items = files.map((file) => ({
    name: count.get(stem(file)) === 1 ? stem(file) : file,
    inputs: [join(folder, file)],
  }));
  return { items, strays: [] as StrayFile[] };
}
