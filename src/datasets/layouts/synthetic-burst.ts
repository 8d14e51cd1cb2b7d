import { join } from 'node:path';
import type { DatasetItem, StrayFile } from '../dataset.js';
import type { Layout, SplitContent } from '../layout.js';
import type { FolderContent } from '../list-folder.js';
import { listFolder, listIfFolder } from '../list-folder.js';
import { type FoundSplit, splitsOf } from '../splits.js';

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
  find: (folder) => splitsOf(folder, findBursts),
};

async function findBursts(folder: string): Promise<FoundSplit | undefined> {
  for (const [frames, truth] of [
    ['bursts', 'gt'],
    ['', ''],
  ] as const) {
    const place = join(folder, frames);
    const { folders } = await listIfFolder(place);
    if (!(await holdsFrames(place, folders))) continue;
    const truths = join(folder, truth);
    return { task: 'burst', list: () => listBursts(place, folders, truths) };
  }
  return undefined;
}

/** The first burst may lack its frames; looking at a few tells a data set from other folders. */
async function holdsFrames(place: string, folders: readonly string[]): Promise<boolean> {
  for (const name of folders.slice(0, 8)) {
    const { files } = await listFolder(join(place, name));
    if (files.some((file) => frameName.test(file))) return true;
  }
  return false;
}

async function listBursts(
  place: string,
  folders: readonly string[],
  truths: string,
): Promise<SplitContent> {
  const items: DatasetItem[] = [];
  const lacking: StrayFile[] = [];
  const strays: StrayFile[] = [];
  for (const name of folders) {
    const burst = join(place, name);
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
  if (place !== truths) strays.push(...(await truthsWithoutBurst(truths, new Set(folders))));
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
