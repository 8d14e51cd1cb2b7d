import { basename, dirname, join, resolve } from 'node:path';
import { type BurstSettings, drawShake, synthesiseBurst } from '../../degradation/burst.js';
import { makeFolder } from '../../files/output-file.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { findReference, type RawBurst } from '../../raw/burst.js';
import type { BurstContent } from '../../raw/burst-files.js';
import type { RawFrame } from '../../raw/frame.js';
import type { Tensor } from '../../tensor/tensor.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import type { DatasetItem } from '../dataset.js';
import { frameName, metadataOf } from '../layouts/bursts.js';
import { listIfFolder } from '../list-folder.js';
import {
  type BurstMetadata,
  readBurstMetadata,
  readLinearTarget,
  readPackedFrame,
  statedMetadata,
  writeLinearTarget,
  writePackedFrame,
} from './burst-files.js';

/** A burst of a `synthetic-burst` data set, whose frames are read when asked for. */
export interface StoredBurst extends BurstMetadata, AsyncIterable<Tensor> {
  readonly length: number;
  /** [4, h, w] RGGB, linear, in [0, 1]. */
  frame(index: number): Promise<Tensor>;
  /** [3, H, W] linear sensor colours without noise; undefined where they are not published. */
  truth(): Promise<Tensor | undefined>;
}

/**
 * Opens a burst of a data set in the layout `synthetic-burst`.
 * @throws InputError where its metadata are missing or cannot be read.
 */
export async function openStoredBurst(item: DatasetItem): Promise<StoredBurst> {
  const { inputs, target } = item;
  if (item.metadata === undefined)
    throw new InputError(inputs[0] ?? item.name, 'the burst has no metadata', {
      expected: 'meta_info.json or meta_info.pkl beside its ground truth',
    });
  const metadata = await readBurstMetadata(item.metadata);
  const frame = async (index: number): Promise<Tensor> => {
    const path = inputs[index];
    if (path === undefined)
      throw new ParameterError('index', `an integer in [0, ${inputs.length})`, index);
    return readPackedFrame(path, metadata.white);
  };
  return {
    ...metadata,
    length: inputs.length,
    frame,
    truth: async () =>
      target === undefined ? undefined : readLinearTarget(target, metadata.white),
    async *[Symbol.asyncIterator]() {
      for (let index = 0; index < inputs.length; index++) yield await frame(index);
    },
  };
}

/**
 * Reads one burst in the layout `synthetic-burst`, such as `SET/bursts/0003` with
 * `SET/gt/0003/meta_info.json`; `undefined` where a folder is none or has no metadata. Its frames
 * agree in exposure and phase by definition.
 * @param reference index from 0 or name of the reference; by default the first frame, which the
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

/** All 16 bits, which the metadata state: four times finer than the protocol's 2^14. */
const white = 65535;

/**
 * Makes a burst of an image and writes it into a data set in the layout `synthetic-burst`, one
 * frame at a time; the metadata, which say how it was made, last.
 *
 * @param source `image` [3, H, W] sRGB in [0, 1]; `label` names it in the metadata.
 * @throws InputError where the image is too small; OutputError where a file cannot be written.
 */
export async function writeBurst(
  folder: string,
  name: string,
  { image, label }: { readonly image: Tensor; readonly label: string },
  settings: BurstSettings,
  signal?: AbortSignal,
): Promise<void> {
  const burst = synthesiseBurst(image, settings);
  const frames = join(folder, 'bursts', name);
  const truth = join(folder, 'gt', name);
  for (const path of [frames, truth]) await makeFolder(path);
  for (let index = 0; index < burst.length; index++) {
    signal?.throwIfAborted();
    const file = join(frames, `im_raw_${String(index).padStart(2, '0')}.png`);
    await writePackedFrame(file, burst.frame(index).raw, white);
  }
  await writeLinearTarget(join(truth, 'im_rgb.png'), burst.truth(), white);
  const { camera, noise } = burst;
  const facts = {
    ...statedMetadata({ camera, noise, white }),
    made: {
      image: label,
      size: image.shape.slice(1),
      settings,
      shake: Array.from({ length: burst.length }, (_, index) => drawShake(settings, index)),
    },
  };
  const text = `${JSON.stringify(facts, undefined, 2)}\n`;
  await writeFileAtomic(join(truth, 'meta_info.json'), new TextEncoder().encode(text));
}
