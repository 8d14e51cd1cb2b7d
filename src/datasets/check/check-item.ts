import { decodeRgb8 } from '../../image/decode.js';
import { DpirError } from '../../tensor/errors.js';
import { readBurstMetadata } from '../bursts/burst-metadata.js';
import type { DatasetItem, ImageDataset } from '../dataset.js';
import { gridSize } from '../pair-scale.js';
import { type PictureHeader, readPictureHeader } from '../picture-header.js';

/** What was seen of an item, for comparison with the others. */
export interface ItemFacts {
  readonly frames: number;
  /** 0 where no file of the kind could be read. */
  readonly inputDepth: number;
  readonly targetDepth: number;
  /** Sizes of all files that could be read, in bytes. */
  readonly bytes: readonly (readonly [file: string, bytes: number])[];
}

/** Says what is wrong with a file. */
export type Tell = (file: string, problem: string) => void;

/** Checks the files of one item against each other. */
export async function checkItem(
  item: DatasetItem,
  dataset: ImageDataset,
  full: boolean,
  tell: Tell,
): Promise<ItemFacts> {
  const bytes: [string, number][] = [];
  const header = async (file: string): Promise<PictureHeader | undefined> => {
    const read = await reading(file, full, tell);
    if (read !== undefined) bytes.push([file, read.bytes]);
    return read;
  };
  let reference: PictureHeader | undefined;
  let depth: number | undefined;
  for (const file of item.inputs) {
    const frame = await header(file);
    if (frame === undefined) continue;
    reference ??= frame;
    depth = Math.min(depth ?? 16, frame.bitDepth);
    compareFrames(file, frame, reference, dataset, tell);
  }
  const target = item.target === undefined ? undefined : await header(item.target);
  if (reference !== undefined && target !== undefined)
    comparePair(item, reference, target, dataset, tell);
  if (dataset.layout === 'synthetic-burst' && item.metadata !== undefined)
    await told(item.metadata, tell, () => readBurstMetadata(item.metadata!));
  return {
    frames: item.inputs.length,
    inputDepth: depth ?? 0,
    targetDepth: target?.bitDepth ?? 0,
    bytes,
  };
}

function reading(file: string, full: boolean, tell: Tell): Promise<PictureHeader | undefined> {
  return told(file, tell, async () => {
    const header = await readPictureHeader(file);
    if (full) await decodeRgb8(file);
    return header;
  });
}

/** Tells of a failure in reading a file, and goes on. */
async function told<T>(file: string, tell: Tell, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DpirError)) throw error;
    tell(file, error.message.replace(`${file}: `, ''));
    return undefined;
  }
}

function compareFrames(
  file: string,
  frame: PictureHeader,
  reference: PictureHeader,
  { task, layout }: ImageDataset,
  tell: Tell,
): void {
  if (task !== 'burst') return;
  if (frame.bitDepth !== 16) tell(file, `has ${frame.bitDepth} bits per channel, expected 16`);
  const packed = layout === 'synthetic-burst' ? [4] : [1, 4];
  if (!packed.includes(frame.channels))
    tell(file, `has ${frame.channels} channels, expected the 4 of a packed RGGB mosaic`);
  if (sizeText(frame) !== sizeText(reference))
    tell(file, `is ${sizeText(frame)} pixels, the first frame ${sizeText(reference)}`);
}

function comparePair(
  { inputs, target }: DatasetItem,
  input: PictureHeader,
  output: PictureHeader,
  { scale, layout }: ImageDataset,
  tell: Tell,
): void {
  const grid = gridSize(input, layout);
  const expected = { width: grid.width * scale, height: grid.height * scale };
  if (sizeText(expected) !== sizeText(output))
    tell(
      target!,
      `is ${sizeText(output)} pixels, expected ${sizeText(expected)}: ${scale} times ${inputs[0]!}`,
    );
}

function sizeText({ width, height }: { readonly width: number; readonly height: number }): string {
  return `${width} x ${height}`;
}
