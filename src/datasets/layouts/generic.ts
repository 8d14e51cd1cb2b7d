import { join } from 'node:path';
import { InputError } from '../../utils/errors.js';
import type { DatasetTask, Layout, StrayFile } from '../dataset.js';
import { pairFiles, sharedName } from '../image-pairs.js';
import {
  type FoundSplit,
  isImageName,
  listFolder,
  listIfFolder,
  listImages,
  splitsOf,
  stem,
} from '../list-folder.js';

const inputNames =
  /^(inputs?|lq|lr|low|lr_?(?:bic|bicubic|unknown)|lr_?(?:bic)?_?x\d+|x\d+|blur|blurry|blurred|noisy|noise|degraded)$/i;
const targetNames =
  /^(targets?|gt|gt_?mod_?\d+|hr|hq|high|sharp|clean|ground_?truth|original|reference)$/i;
const scaleFolder = /^x(\d+)$/i;

const inputSuffix = /[_-](input|lq|lr(?:bic|b[id])?|low|blur|blurry|blurred|noisy|degraded)$/i;
const targetSuffix = /[_-](target|gt|hr|hq|high|sharp|clean)$/i;

/** Two sibling folders of equal names, or one folder of `NAME_input` and `NAME_target`. */
export const pairs: Layout = {
  name: 'pairs',
  looksFor:
    'two folders such as input and target, lq and gt, LR and HR, blur and sharp, or files NAME_input and NAME_target',
  find: (folder) => splitsOf(folder, findPairs),
};

async function findPairs(folder: string): Promise<FoundSplit | undefined> {
  const { folders, files } = await listFolder(folder);
  const inputs = folders.filter((name) => inputNames.test(name));
  const targets = folders.filter((name) => targetNames.test(name));
  if (inputs.length === 1 && targets.length === 1) return siblings(folder, inputs[0]!, targets[0]!);
  if (inputs.length > 0 && targets.length > 0)
    throw new InputError(
      folder,
      `it is not clear which folders are partners: ${[...inputs, ...targets].join(', ')}`,
      { expected: 'one folder of degraded images and one of targets' },
    );
  return suffixed(folder, files);
}

async function siblings(folder: string, input: string, target: string): Promise<FoundSplit> {
  const inner = await scaledFolder(join(folder, input));
  const stated = /x(\d+)$/i.exec(inner === undefined ? input : inner)?.[1];
  return {
    task: taskOf(input, target),
    ...(stated !== undefined && { scale: Number(stated) }),
    list: async () => {
      const inputs = join(folder, input, inner ?? '');
      const targets = join(folder, target);
      return pairFiles(
        { folder: inputs, files: await listImages(inputs) },
        { folder: targets, files: await listImages(targets) },
      );
    },
  };
}

/** The one folder `X4` of a folder that holds no images itself. */
async function scaledFolder(folder: string): Promise<string | undefined> {
  const { folders, files } = await listIfFolder(folder);
  const scaled = folders.filter((name) => scaleFolder.test(name));
  if (files.some(isImageName) || scaled.length === 0) return undefined;
  if (scaled.length > 1)
    throw new InputError(folder, `holds several scales: ${scaled.join(', ')}`, {
      expected: 'one of them',
    });
  return scaled[0];
}

function suffixed(folder: string, files: readonly string[]): FoundSplit | undefined {
  const images = files.filter(isImageName);
  const part = (suffix: RegExp): string[] =>
    images.filter((file) => suffix.test(withoutScale(stem(file))));
  const inputs = part(inputSuffix);
  const targets = part(targetSuffix);
  const shared = new Set(targets.map((file) => sharedName(stem(file))));
  const first = inputs.find((file) => shared.has(sharedName(stem(file))));
  if (first === undefined) return undefined;
  const suffix = (file: string, of: RegExp): string => of.exec(withoutScale(stem(file)))![1]!;
  return {
    task: taskOf(suffix(first, inputSuffix), suffix(targets[0]!, targetSuffix)),
    list: async () => pairFiles({ folder, files: inputs }, { folder, files: targets }),
  };
}

function withoutScale(name: string): string {
  return name.replace(/[_-]?x\d+$/i, '');
}

function taskOf(input: string, target: string): DatasetTask | undefined {
  if (/^blur/i.test(input)) return 'deblur';
  if (/^nois/i.test(input)) return 'denoise';
  return /^(lr|x\d)/i.test(input) || /^(hr|gt_?mod)/i.test(target) ? 'sr' : undefined;
}

/** Images in a folder and the folders below it, without partners. */
export const images: Layout = {
  name: 'images',
  looksFor: 'images in the folder or below it',
  find: async (folder) => {
    const files = await listImages(folder);
    if (files.length === 0) return [];
    return [{ name: undefined, task: undefined, scale: 1, list: async () => named(folder, files) }];
  },
};

/** Two images of one name, such as a PNG and its JPEG, are distinguished by their extensions. */
function named(folder: string, files: readonly string[]) {
  const count = new Map<string, number>();
  for (const file of files) count.set(stem(file), (count.get(stem(file)) ?? 0) + 1);
  const items = files.map((file) => ({
    name: count.get(stem(file)) === 1 ? stem(file) : file,
    inputs: [join(folder, file)],
  }));
  return { items, strays: [] as StrayFile[] };
}
