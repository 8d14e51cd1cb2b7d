import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { inputChunks } from '../files/input-file.js';
import { decodeRgb8 } from '../images/decode.js';
import { CancelledError, DpirError, InputError } from '../utils/errors.js';
import { mapConcurrent } from '../utils/map-concurrent.js';
import { readBurstMetadata } from './bursts/burst-files.js';
import type { DatasetItem, ImageDataset } from './dataset.js';
import { gridSize, type ImageHeader, readImageHeader } from './image-pairs.js';

/** How thoroughly a data set is checked. */
export interface CheckDatasetOptions {
  /** Decodes all pixels instead of headers alone. */
  readonly full?: boolean;
  /** Problems that are named, 10; the others are counted. */
  readonly named?: number;
  /** Items read at once, 4. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  /** Told after each item. */
  readonly onProgress?: (done: number) => void;
}

/** What a check found. */
export interface DatasetCheck {
  readonly items: number;
  /** Input images, or frames of bursts. */
  readonly inputs: number;
  readonly targets: number;
  readonly metadata: number;
  /** All problems; `problems` names the first of them, in the order of the items. */
  readonly problemCount: number;
  readonly problems: readonly DatasetProblem[];
}

/**
 * Checks that every file of a data set is there and can be decoded, that pairs agree in size with
 * its scale, that bursts have frames of one size and equally many, that all have one bit depth, and
 * that no file lacks its partner or repeats another's content. One image per worker is in memory.
 *
 * @throws CancelledError where the signal asks for it.
 */
export async function checkDataset(
  dataset: ImageDataset,
  options: CheckDatasetOptions = {},
): Promise<DatasetCheck> {
  const { full = false, named = 10, workers = 4, signal, onProgress } = options;
  const { items, strays } = dataset;
  const problems = new ProblemList(named);
  const facts = new Array<Omit<ItemFacts, 'bytes'>>(items.length);
  const files: SizedFile[] = [];
  let done = 0;
  try {
    await mapConcurrent(
      items.length,
      workers,
      async (place) => {
        const tell = (file: string, problem: string) => problems.add(place, file, problem);
        const { bytes, ...seen } = await checkItem(items[place]!, dataset, full, tell);
        facts[place] = seen;
        for (const [file, size] of bytes) files.push({ place, file, bytes: size });
        onProgress?.(++done);
      },
      { signal },
    );
    await findSameContent(
      files,
      workers,
      ({ place, file }, first) => problems.add(place, file, `repeats ${first.file}`),
      signal,
    );
  } catch (error) {
    if (signal?.aborted) throw new CancelledError('the check');
    throw error;
  }
  compareItems(dataset, facts, problems);
  for (const { file, reason } of strays) problems.add(items.length, file, reason);
  return {
    items: items.length,
    inputs: items.reduce((sum, { inputs }) => sum + inputs.length, 0),
    targets: items.filter(({ target }) => target !== undefined).length,
    metadata: items.filter(({ metadata }) => metadata !== undefined).length,
    problemCount: problems.count,
    problems: problems.first,
  };
}

/** Names items that differ from most of the others. */
function compareItems(
  { task, items }: ImageDataset,
  facts: readonly Omit<ItemFacts, 'bytes'>[],
  problems: ProblemList,
): void {
  const frames = mostOften(facts.map((item) => item.frames));
  const inputDepth = mostOften(facts.map((item) => item.inputDepth));
  const targetDepth = mostOften(facts.map((item) => item.targetDepth));
  const described = items.some(({ metadata }) => metadata !== undefined);
  items.forEach(({ inputs, target, metadata }, place) => {
    const item = facts[place]!;
    const tell = (file: string, problem: string) => problems.add(place, file, problem);
    if (item.frames !== frames)
      tell(inputs[0]!, `is of a burst of ${item.frames} frames, most have ${frames}`);
    if (task !== 'burst' && item.inputDepth !== inputDepth && item.inputDepth > 0)
      tell(inputs[0]!, `has ${item.inputDepth} bits per channel, most have ${inputDepth}`);
    if (described && metadata === undefined)
      tell(dirname(inputs[0]!), 'has no metadata, others have');
    if (item.targetDepth !== targetDepth && item.targetDepth > 0)
      tell(target!, `has ${item.targetDepth} bits per channel, most have ${targetDepth}`);
  });
}

/** The most frequent value above 0, the first one seen of several. */
function mostOften(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) if (value > 0) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), [0, 0])[0]!;
}

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
  const header = async (file: string): Promise<ImageHeader | undefined> => {
    const read = await reading(file, full, tell);
    if (read !== undefined) bytes.push([file, read.bytes]);
    return read;
  };
  let reference: ImageHeader | undefined;
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

function reading(file: string, full: boolean, tell: Tell): Promise<ImageHeader | undefined> {
  return told(file, tell, async () => {
    const header = await readImageHeader(file);
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
  frame: ImageHeader,
  reference: ImageHeader,
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
  input: ImageHeader,
  output: ImageHeader,
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

/** A file of the data set with the place of its item. */
export interface SizedFile {
  readonly place: number;
  readonly file: string;
  readonly bytes: number;
}

/**
 * Finds files of equal content. Only those of equal length are read, and hashed in passing.
 * @param found called for every file but the first of equal ones, with that first.
 */
export async function findSameContent(
  files: readonly SizedFile[],
  workers: number,
  found: (file: SizedFile, first: SizedFile) => void,
  signal?: AbortSignal,
): Promise<void> {
  const ordered = [...files].sort((left, right) => left.place - right.place);
  const sizes = new Map<number, number>();
  for (const { bytes } of ordered) sizes.set(bytes, (sizes.get(bytes) ?? 0) + 1);
  const alike = ordered.filter(({ bytes }) => sizes.get(bytes)! > 1);
  const hashes = await mapConcurrent(alike.length, workers, (index) => hashOf(alike[index]!.file), {
    signal,
  });
  const first = new Map<string, SizedFile>();
  alike.forEach((file, index) => {
    const known = first.get(hashes[index]!);
    if (known === undefined) first.set(hashes[index]!, file);
    else found(file, known);
  });
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const part of inputChunks(file)) hash.update(part);
  } catch (cause) {
    throw new InputError(file, 'can no longer be read', { cause });
  }
  return hash.digest('base64');
}

/** Something wrong with a data set. */
export interface DatasetProblem {
  /** Absolute path of the file or folder at fault. */
  readonly file: string;
  readonly problem: string;
}

/**
 * The first problems by the place of their item, however many there are and in whatever order they
 * are found.
 */
export class ProblemList {
  readonly #most: number;
  readonly #first: { readonly place: number; readonly entry: DatasetProblem }[] = [];
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#count;
  }

  get first(): DatasetProblem[] {
    return this.#first.map(({ entry }) => entry);
  }

  /** @param place of the item; problems of one place keep the order in which they are added. */
  add(place: number, file: string, problem: string): void {
    this.#count += 1;
    const at = this.#first.findIndex((known) => known.place > place);
    this.#first.splice(at < 0 ? this.#first.length : at, 0, { place, entry: { file, problem } });
    if (this.#first.length > this.#most) this.#first.pop();
  }
}
