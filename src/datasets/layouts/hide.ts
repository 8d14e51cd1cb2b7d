import { join } from 'node:path';
import type { Layout, Split, SplitContent } from '../layout.js';
import { listFolder, listPictures } from '../list-folder.js';
import { stem } from '../names.js';
import { pairFiles } from '../pair-files.js';

/**
 * Blurred pictures in `train` and in folders of `test`, such as `test-close-ups`; the sharp ones of
 * both, under the same names, in one folder `GT`.
 */
export const hide: Layout = {
  name: 'hide',
  looksFor: 'folders GT and train or test, with blurred pictures of the names in GT',
  find: async (folder) => {
    const { folders } = await listFolder(folder);
    const truth = folders.find((name) => name.toUpperCase() === 'GT');
    const parts = folders.filter((name) => /^(train|test)$/i.test(name));
    if (truth === undefined) return [];
    return parts.map(
      (part): Split => ({
        name: part.toLowerCase(),
        task: 'deblur',
        scale: 1,
        list: () => blurred(folder, part, parts, truth),
      }),
    );
  },
};

/** Sharp pictures are strays where no split has their blurred one. */
async function blurred(
  folder: string,
  part: string,
  parts: readonly string[],
  truth: string,
): Promise<SplitContent> {
  const inputs = join(folder, part);
  const targets = join(folder, truth);
  const files = await listPictures(inputs);
  const own = new Set(files.map(fileName));
  const elsewhere = new Set<string>();
  for (const other of parts.filter((name) => name !== part))
    for (const file of await listPictures(join(folder, other))) elsewhere.add(fileName(file));
  const wanted = (await listPictures(targets)).filter(
    (file) => own.has(fileName(file)) || !elsewhere.has(fileName(file)),
  );
  return pairFiles(
    { folder: inputs, files, nameOf: fileName },
    { folder: targets, files: wanted, nameOf: fileName },
  );
}

/** Without folders and extension. */
function fileName(path: string): string {
  return stem(path.slice(path.lastIndexOf('/') + 1));
}
