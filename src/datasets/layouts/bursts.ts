import { join } from 'node:path';
import type { DatasetItem, Layout, SplitContent, StrayFile } from '../dataset.js';
import { pairFiles } from '../image-pairs.js';
import {
  type FolderContent,
  type FoundSplit,
  listFolder,
  listIfFolder,
  listImages,
  splitsOf,
} from '../list-folder.js';

/** Names of frames. */
export const frameName = /^im_raw_\d+\.png$/i;
const nothing: FolderContent = { folders: [], files: [] };

/**
 * The synthetic bursts of the burst super-resolution protocol: `bursts/0000/im_raw_00.png` with
 * `gt/0000/im_rgb.png` and `gt/0000/meta_info.json` or `.pkl`; or all of a burst in one folder.
 */
export const syntheticBurst: Layout = {
  name: 'synthetic-burst',
  looksFor: 'folders bursts/0000 of frames im_raw_00.png, with gt/0000/im_rgb.png',
  find: (folder) => splitsOf(folder, findSyntheticBursts),
};

async function findSyntheticBursts(folder: string): Promise<FoundSplit | undefined> {
  for (const [frames, truth] of [
    ['bursts', 'gt'],
    ['', ''],
  ] as const) {
    const root = join(folder, frames);
    const { folders } = await listIfFolder(root);
    if (!(await holdsFrames(root, folders))) continue;
    const truths = join(folder, truth);
    return { task: 'burst', list: () => listSyntheticBursts(root, folders, truths) };
  }
  return undefined;
}

/** The first burst may lack its frames; so a few are checked. */
async function holdsFrames(root: string, folders: readonly string[]): Promise<boolean> {
  for (const name of folders.slice(0, 8)) {
    const { files } = await listFolder(join(root, name));
    if (files.some((file) => frameName.test(file))) return true;
  }
  return false;
}

async function listSyntheticBursts(
  root: string,
  folders: readonly string[],
  truths: string,
): Promise<SplitContent> {
  const items: DatasetItem[] = [];
  const lacking: StrayFile[] = [];
  const strays: StrayFile[] = [];
  for (const name of folders) {
    const burst = join(root, name);
    const truth = join(truths, name);
    const inBurst = await listFolder(burst);
    const inTruth = truth === burst ? inBurst : await listIfFolder(truth);
    const frames = inBurst.files.filter((file) => frameName.test(file));
    if (frames.length === 0) {
      strays.push({ file: burst, reason: 'has no frames im_raw_00.png' });
      continue;
    }
    const target = inTruth.files.find((file) => /^im_rgb\.png$/i.test(file));
    if (target === undefined) lacking.push({ file: burst, reason: `no im_rgb.png in ${truth}` });
    const metadata = metadataOf(truth, inTruth) ?? metadataOf(burst, inBurst);
    items.push({
      name,
      inputs: frames.map((frame) => join(burst, frame)),
      ...(target !== undefined && { target: join(truth, target) }),
      ...(metadata !== undefined && { metadata }),
    });
  }
  // A challenge publishes its bursts without any.
  if (lacking.length < items.length) strays.push(...lacking);
  if (root !== truths) strays.push(...(await truthsWithoutBurst(truths, new Set(folders))));
  return { items, strays };
}

async function truthsWithoutBurst(
  truths: string,
  bursts: ReadonlySet<string>,
): Promise<StrayFile[]> {
  const { folders } = await listIfFolder(truths);
  return folders
    .filter((name) => !bursts.has(name))
    .map((name) => ({ file: join(truths, name), reason: 'its burst is missing' }));
}

/** JSON before pickle, which is the harder to read. */
export function metadataOf(folder: string, { files } = nothing): string | undefined {
  const name = ['meta_info.json', 'meta_info.pkl'].find((candidate) => files.includes(candidate));
  return name === undefined ? undefined : join(folder, name);
}

const frameFolder = /^samsung_\d+$/i;
const frameFile = /^samsung_\d+\.png$/i;
const targetFile = /^canon(_im_raw)?\.png$/i;

/**
 * Real bursts with a photograph by a better camera: BurstSR's `train/BURST/samsung_00/im_raw.png`
 * with `canon/im_raw.png`, or `samsung_00.png` with `canon_im_raw.png`; and the single RAW frames
 * of "Zurich RAW to RGB", `huawei_raw/0.png` with `canon/0.jpg`.
 */
export const burstSr: Layout = {
  name: 'burst-sr',
  looksFor: 'bursts samsung_00 with canon, or folders huawei_raw and canon',
  find: (folder) =>
    splitsOf(folder, async (root) => (await findBurstSr(root)) ?? (await findZurich(root))),
};

async function findBurstSr(folder: string): Promise<FoundSplit | undefined> {
  const { folders } = await listFolder(folder);
  for (const name of folders.slice(0, 8)) {
    const inside = await listFolder(join(folder, name));
    if (framesOf('', inside).length > 0)
      return { task: 'burst', list: () => listBurstSr(folder, folders) };
  }
  return undefined;
}

async function listBurstSr(folder: string, folders: readonly string[]): Promise<SplitContent> {
  const items: DatasetItem[] = [];
  const lacking: StrayFile[] = [];
  const strays: StrayFile[] = [];
  for (const name of folders) {
    const burst = join(folder, name);
    const content = await listFolder(burst);
    const inputs = framesOf(burst, content);
    if (inputs.length === 0) {
      strays.push({ file: burst, reason: 'has no frames samsung_00' });
      continue;
    }
    const target = await targetOf(burst, content);
    if (target === undefined) lacking.push({ file: burst, reason: 'has no canon image' });
    const metadata =
      metadataOf(burst, content) ??
      metadataOf(join(burst, 'samsung_00'), await listIfFolder(join(burst, 'samsung_00')));
    items.push({
      name,
      inputs,
      ...(target !== undefined && { target }),
      ...(metadata !== undefined && { metadata }),
    });
  }
  // The public test set comes without any.
  if (lacking.length < items.length) strays.push(...lacking);
  return { items, strays };
}

function framesOf(burst: string, { folders, files }: FolderContent): string[] {
  const inFolders = folders.filter((name) => frameFolder.test(name));
  return inFolders.length > 0
    ? inFolders.map((name) => join(burst, name, 'im_raw.png'))
    : files.filter((name) => frameFile.test(name)).map((name) => join(burst, name));
}

async function targetOf(burst: string, content: FolderContent): Promise<string | undefined> {
  const file = content.files.find((name) => targetFile.test(name));
  if (file !== undefined) return join(burst, file);
  const inside = await listIfFolder(join(burst, 'canon'));
  return inside.files.includes('im_raw.png') ? join(burst, 'canon', 'im_raw.png') : undefined;
}

async function findZurich(folder: string): Promise<FoundSplit | undefined> {
  const { folders } = await listFolder(folder);
  if (!folders.includes('huawei_raw') || !folders.includes('canon')) return undefined;
  const side = async (name: string) => ({
    folder: join(folder, name),
    files: await listImages(join(folder, name)),
  });
  return {
    task: 'burst',
    list: async () => pairFiles(await side('huawei_raw'), await side('canon')),
  };
}
