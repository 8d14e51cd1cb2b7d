import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { createDegradation } from '../degradation/create-degradation.js';
import type { Degradation } from '../degradation/degradation.js';
import { makeFolder } from '../files/output-file.js';
import { unwritable, writeFileAtomic } from '../files/write-atomic.js';
import { decodeImage } from '../images/decode.js';
import { writeImage } from '../images/encode.js';
import type { Tensor } from '../tensor/tensor.js';
import { cropped } from '../tensor/window.js';
import { CancelledError, ParameterError } from '../utils/errors.js';
import { writeBurst } from './bursts/stored-burst.js';
import type { ImageDataset } from './dataset.js';
import { indicesOfNames, readNameList } from './list-folder.js';
import { drawCrop, makePair } from './make-pair.js';
import { openDataset } from './open-dataset.js';

/** What synthetic test set is made. */
export interface MakeDatasetOptions {
  /** Folder of good images, taken in the order of their names and again from the first. */
  readonly photographs: string;
  /** File with the names of the images to take, see `readNameList`; all unless given. */
  readonly list?: string;
  /** Folder that is made; it must be empty where it exists. */
  readonly output: string;
  /** Settings of `createDegradation`, or `burst` for RAW bursts. */
  readonly degradation: unknown;
  /** Examples, one for each image unless given. */
  readonly count?: number;
  /** Integer in [0, 2^53 - count); of burst k the seed is that much greater. */
  readonly seed: number;
  /** `synthetic-burst` for bursts; `pairs` for all else unless given. */
  readonly layout?: 'pairs' | 'gopro' | 'synthetic-burst';
  /** Side of a square target at a random position; whole images by default. */
  readonly size?: number;
  /** Of pairs, 16 unless given. */
  readonly bitDepth?: 8 | 16;
  /** Frames of a burst, 14 unless given. */
  readonly frames?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** What was made. */
export interface MadeDataset {
  readonly folder: string;
  readonly layout: 'pairs' | 'gopro' | 'synthetic-burst';
  readonly count: number;
  readonly scale: number;
}

const reduction = 4;
const border = 24;

/** An image to make an example of. */
interface Photograph {
  readonly image: Tensor;
  readonly file: string;
  /** Its path below the folder of images. */
  readonly label: string;
}

/** Writes example k. */
type WriteExample = (index: number, photograph: Photograph) => Promise<void>;

/**
 * Makes a synthetic test set out of images: the same options make the same pixels. One example is
 * in memory at a time and each file is written whole; `dataset.json`, which says how the set was
 * made, comes last, so that a set without it is unfinished.
 *
 * @throws ParameterError for options out of range, InputError for images that cannot be read or
 * are too small or not there, OutputError where files cannot be written, CancelledError after the signal.
 */
export async function makeDataset(options: MakeDatasetOptions): Promise<MadeDataset> {
  const { degradation, seed, signal, onProgress } = options;
  const folder = resolve(options.output);
  const bursts = degradation === 'burst';
  const layout = options.layout ?? (bursts ? 'synthetic-burst' : 'pairs');
  if (bursts !== (layout === 'synthetic-burst'))
    throw new ParameterError('layout', bursts ? 'synthetic-burst' : 'pairs or gopro', layout);
  const degrade = bursts ? undefined : wholeScale(createDegradation(degradation));
  const { folder: root, items } = await openPhotographs(options);
  const count = options.count ?? items.length;
  checkNumbers(options, count, degrade?.scale ?? 2 * reduction);
  await makeEmptyFolder(folder);
  const write =
    degrade === undefined
      ? burstWriter(folder, options, count)
      : await pairWriter(folder, layout === 'gopro', options, degrade, count);
  const labels = items.map(({ inputs }) => relative(root, inputs[0]!));
  try {
    for (let index = 0; index < count; index++) {
      signal?.throwIfAborted();
      const which = index % items.length;
      const file = items[which]!.inputs[0]!;
      const { tensor: image } = await decodeImage(file);
      await write(index, { image, file, label: labels[which]! });
      onProgress?.(index + 1, count);
    }
  } catch (error) {
    if (signal?.aborted) throw new CancelledError('making the data set');
    throw error;
  }
  const facts = {
    ...{ layout, count, seed, degradation, size: options.size ?? null },
    images: labels.slice(0, count),
  };
  await writeJson(join(folder, 'dataset.json'), facts);
  return { folder, layout, count, scale: degrade?.scale ?? reduction };
}

async function openPhotographs({
  photographs,
  list,
}: MakeDatasetOptions): Promise<Pick<ImageDataset, 'folder' | 'items'>> {
  const { folder, items } = await openDataset(photographs, { layout: 'images' });
  if (list === undefined) return { folder, items };
  const indices = indicesOfNames(items, await readNameList(list), { file: list, folder });
  return { folder, items: indices.map((index) => items[index]!) };
}

async function pairWriter(
  folder: string,
  asSequence: boolean,
  { seed, size, bitDepth = 16 }: MakeDatasetOptions,
  degradation: Degradation,
  count: number,
): Promise<WriteExample> {
  const sequence = join(folder, 'test', 'synthetic');
  const inputs = asSequence ? join(sequence, 'blur') : join(folder, 'input');
  const targets = asSequence ? join(sequence, 'sharp') : join(folder, 'target');
  for (const path of [inputs, targets]) await makeFolder(path);
  return async (index, { image, file }) => {
    const source = { image, file, ...(size !== undefined && { size }) };
    const { input, target } = makePair(source, degradation, { seed, index });
    const name = `${numbered(index, count)}.png`;
    await writeImage(join(inputs, name), { tensor: input, bitDepth });
    await writeImage(join(targets, name), { tensor: target, bitDepth });
  };
}

function burstWriter(
  folder: string,
  { seed, size, frames = 14, signal }: MakeDatasetOptions,
  count: number,
): WriteExample {
  return async (index, { image, file, label }) => {
    const crop = size === undefined ? undefined : { size: size + 2 * border, step: 1, file };
    const part = crop ? cropped(image, drawCrop(image, { seed, index }, crop)) : image;
    const settings = { seed: seed + index, frames, reduction, border };
    const name = numbered(index, count);
    await writeBurst(folder, name, { image: part, label }, settings, signal);
  };
}

function wholeScale(degradation: Degradation): Degradation {
  if (!Number.isInteger(degradation.scale))
    throw new ParameterError('degradation', 'a whole scale', degradation.scale);
  return degradation;
}

function checkNumbers({ seed, size, frames }: MakeDatasetOptions, count: number, step: number) {
  const check = (name: string, value: number, lowest: number) => {
    if (!Number.isSafeInteger(value) || value < lowest)
      throw new ParameterError(name, `an integer of at least ${lowest}`, value);
  };
  check('count', count, 1);
  check('seed', seed, 0);
  check('seed', seed + count, 0);
  if (frames !== undefined) check('frames', frames, 1);
  if (size !== undefined && (!Number.isSafeInteger(size) || size < step || size % step !== 0))
    throw new ParameterError('size', `a multiple of ${step}`, size);
}

/** At least four digits, as many for all. */
function numbered(index: number, count: number): string {
  return String(index).padStart(Math.max(4, String(count - 1).length), '0');
}

async function makeEmptyFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  try {
    if ((await readdir(folder)).length === 0) return;
  } catch (cause) {
    throw unwritable(folder, cause);
  }
  throw new ParameterError('output', 'a folder that is new or empty', folder);
}

async function writeJson(path: string, facts: unknown): Promise<void> {
  const text = `${JSON.stringify(facts, undefined, 2)}\n`;
  await writeFileAtomic(path, new TextEncoder().encode(text));
}
