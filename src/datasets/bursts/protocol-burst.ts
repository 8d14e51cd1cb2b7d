import { basename, dirname, join, resolve } from 'node:path';
import type { BurstContent } from '../../raw/burst/burst-content.js';
import type { RawBurst } from '../../raw/burst/open-burst.js';
import { findReference } from '../../raw/burst/reference.js';
import type { RawFrame } from '../../raw/frame.js';
import type { DatasetItem } from '../dataset.js';
import { frameName, metadataOf } from '../layouts/synthetic-burst.js';
import { listIfFolder } from '../list-folder.js';
import { openStoredBurst } from './stored-burst.js';

/**
 * Reads one burst in the layout `synthetic-burst`, such as `SET/bursts/0003` with
 * `SET/gt/0003/meta_info.json`; `undefined` where a folder is none or has no metadata. Its frames
 * agree in exposure and phase by definition.
 * @param reference place from 0 or name of the reference; the first frame unless given, which the
 * protocol compares with the truth.
 * @throws InputError for files that cannot be read; ParameterError for a reference that is none of
 * the frames.
 */
export async function openProtocolBurst(
  folder: string,
  reference: number | string = 0,
): Promise<RawBurst | undefined> {
  const item = await findBurst(resolve(folder));
  if (item === undefined) return undefined;
  const wished = findReference(item.inputs, reference)!;
  const { camera, ...burst } = await openStoredBurst(item);
  const frames: RawFrame[] = [];
  for (const [index, name] of item.inputs.entries()) {
    const packed = await burst.frame(index);
    const [, height = 0, width = 0] = packed.shape;
    const sensor = { width: 2 * width, height: 2 * height, phase: 'RGGB' } as const;
    frames.push({ name, packed, metadata: { camera, orientation: 1 }, sensor, notes: [] });
  }
  const others = frames.filter((_, index) => index !== wished);
  return { frames: [frames[wished]!, ...others], notes: [] };
}

/** The files of such a burst: its frames, and all that are read. */
export async function protocolBurstContent(folder: string): Promise<BurstContent | undefined> {
  const item = await findBurst(resolve(folder));
  if (item === undefined) return undefined;
  const { inputs: frames, metadata } = item;
  return { frames, files: metadata === undefined ? frames : [...frames, metadata] };
}

async function findBurst(folder: string): Promise<DatasetItem | undefined> {
  const content = await listIfFolder(folder);
  const frames = content.files.filter((file) => frameName.test(file));
  if (frames.length === 0) return undefined;
  const name = basename(folder);
  const truth = join(dirname(dirname(folder)), 'gt', name);
  const metadata = metadataOf(truth, await listIfFolder(truth)) ?? metadataOf(folder, content);
  if (metadata === undefined) return undefined;
  return { name, inputs: frames.map((frame) => join(folder, frame)), metadata };
}
