import { join } from 'node:path';
import type { DatasetItem, StrayFile } from '../dataset.js';
import type { Layout, SplitContent } from '../layout.js';
import { type FolderContent, listFolder, listIfFolder, listPictures } from '../list-folder.js';
import { pairFiles } from '../pair-files.js';
import { type FoundSplit, splitsOf } from '../splits.js';
import { metadataOf } from './synthetic-burst.js';

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
    splitsOf(folder, async (place) => (await findBursts(place)) ?? (await findZurich(place))),
};

async function findBursts(folder: string): Promise<FoundSplit | undefined> {
  const { folders } = await listFolder(folder);
  for (const name of folders.slice(0, 8)) {
    const inside = await listFolder(join(folder, name));
    if (framesOf('', inside).length > 0)
      return { task: 'burst', list: () => listBursts(folder, folders) };
  }
  return undefined;
}

async function listBursts(folder: string, folders: readonly string[]): Promise<SplitContent> {
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
    if (target === undefined) lacking.push({ file: burst, reason: 'has no canon picture' });
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
    files: await listPictures(join(folder, name)),
  });
  return {
    task: 'burst',
    list: async () => pairFiles(await side('huawei_raw'), await side('canon')),
  };
}
