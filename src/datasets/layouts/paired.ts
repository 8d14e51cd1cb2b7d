import { join } from 'node:path';
import type { Layout, Split, SplitContent, StrayFile } from '../dataset.js';
import { pairFiles } from '../image-pairs.js';
import {
  type FoundSplit,
  isImageName,
  joinContents,
  listFolder,
  listIfFolder,
  listImages,
  splitsOf,
  stem,
} from '../list-folder.js';

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
    const path = join(folder, name);
    const { folders, files } = await listIfFolder(path);
    const [, kind = '', scale] = /^(.*?)_?(?:x(\d+))?$/i.exec(name.slice(beginning.length)) ?? [];
    if (files.some(isImageName))
      found.push({ folder: path, kind: kind || 'reduced', scale: Number(scale ?? 4) });
    for (const inner of folders) {
      const digits = scaleFolder.exec(inner)?.[1];
      if (digits !== undefined)
        found.push({ folder: join(path, inner), kind, scale: Number(digits) });
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
          { folder: version.folder, files: await listImages(version.folder) },
          { folder: target, files: await listImages(target) },
        ),
    };
    const variant = `${prefix}${version.kind}/X${version.scale}`;
    const asVariant: Split = { ...split, name: variant, variant: true };
    return version === usual ? [{ ...split, name }, asVariant] : [asVariant];
  });
}

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
    const path = join(folder, name, part);
    return { folder: path, files: await listImages(path) };
  };
  const { items, strays } = pairFiles(await side(blur), await side('sharp'));
  return { items: items.map((item) => ({ ...item, name: `${name}/${item.name}` })), strays };
}

/**
 * Blurred images in `train` and in folders of `test`, such as `test-close-ups`; the sharp ones of
 * both, under the same names, in one folder `GT`.
 */
export const hide: Layout = {
  name: 'hide',
  looksFor: 'folders GT and train or test, with blurred images of the names in GT',
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

/** Sharp images are strays where no split has their blurred one. */
async function blurred(
  folder: string,
  part: string,
  parts: readonly string[],
  truth: string,
): Promise<SplitContent> {
  const inputs = join(folder, part);
  const targets = join(folder, truth);
  const files = await listImages(inputs);
  const known = new Set(files.map(fileName));
  const elsewhere = new Set<string>();
  for (const other of parts.filter((name) => name !== part))
    for (const file of await listImages(join(folder, other))) elsewhere.add(fileName(file));
  const wanted = (await listImages(targets)).filter(
    (file) => known.has(fileName(file)) || !elsewhere.has(fileName(file)),
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

const part = /(?<=^|[_/-])(NOISY|GT)(?=[_-]|$)(?!.*\/)/i;

const colours = /_S?RGB/i;

/** NOISY or GT, where a file's name states it. */
function partOf(file: string): string | undefined {
  return part.exec(stem(file))?.[1]?.toUpperCase();
}

/**
 * Scene folders, which may lie in `Data`, with `0001_NOISY_SRGB_010.PNG` beside
 * `0001_GT_SRGB_010.PNG`, with or without the number in front.
 */
export const sidd: Layout = {
  name: 'sidd',
  looksFor: 'scene folders with NOISY and GT images',
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
      const files = await listImages(root);
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
    if (files.some((file) => isImageName(file) && partOf(file) !== undefined && colours.test(file)))
      return true;
  }
  return false;
}
