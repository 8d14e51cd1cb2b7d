import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { inputChunks } from '../files/input-file.js';
import { decodeRgb8 } from '../images/decode.js';
import { type ImageHeader, readImageHeader } from '../images/source.js';
import { CancelledError, DpirError, InputError } from '../utils/errors.js';
import { mapConcurrent } from '../utils/map-concurrent.js';
import { readBurstMetadata } from './bursts/burst-files.js';
import type { DatasetItem, ImageDataset } from './dataset.js';
import { gridSize } from './image-pairs.js';

/** How thoroughly a data set is checked. */
export interface CheckDatasetOptions {
  /** Decodes all pixels instead of headers only. */
  readonly full?: boolean;
  /** Problems to list, 10 by default; the rest are counted. */
  readonly named?: number;
  /** Items read at once, 4. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  /** Called after each item. */
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
      async (index) => {
        const report = (file: string, problem: string) => problems.add(index, file, problem);
        const { bytes, ...seen } = await checkItem(items[index]!, dataset, full, report);
        facts[index] = seen;
        for (const [file, size] of bytes) files.push({ index, file, bytes: size });
        onProgress?.(++done);
      },
      { signal },
    );
    await findSameContent(
      files,
      workers,
      ({ index, file }, first) => problems.add(index, file, `repeats ${first.file}`),
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

/** Reports items that differ from most of the others. */
function compareItems(
  { task, items }: ImageDataset,
  facts: readonly Omit<ItemFacts, 'bytes'>[],
  problems: ProblemList,
): void {
  const frames = mostOften(facts.map((item) => item.frames));
  const inputDepth = mostOften(facts.map((item) => item.inputDepth));
  const targetDepth = mostOften(facts.map((item) => item.targetDepth));
  const described = items.some(({ metadata }) => metadata !== undefined);
  items.forEach(({ inputs, target, metadata }, index) => {
    const item = facts[index]!;
    const report = (file: string, problem: string) => problems.add(index, file, problem);
    if (item.frames !== frames)
      report(inputs[0]!, `is of a burst of ${item.frames} frames, most have ${frames}`);
    if (task !== 'burst' && item.inputDepth !== inputDepth && item.inputDepth > 0)
      report(inputs[0]!, `has ${item.inputDepth} bits per channel, most have ${inputDepth}`);
    if (described && metadata === undefined)
      report(dirname(inputs[0]!), 'has no metadata, others have');
    if (item.targetDepth !== targetDepth && item.targetDepth > 0)
      report(target!, `has ${item.targetDepth} bits per channel, most have ${targetDepth}`);
  });
}

/** The most frequent value above 0, the first one seen of several. */
function mostOften(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) if (value > 0) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), [0, 0])[0]!;
}

/** What was seen of an item, for comparison with the others. */
interface ItemFacts {
  readonly frames: number;
  /** 0 where no file of the kind could be read. */
  readonly inputDepth: number;
  readonly targetDepth: number;
  /** Sizes of all files that could be read, in bytes. */
  readonly bytes: readonly (readonly [file: string, bytes: number])[];
}

/** Reports a problem of a file. */
type ReportProblem = (file: string, problem: string) => void;

/** Checks the files of one item against each other. */
async function checkItem(
  item: DatasetItem,
  dataset: ImageDataset,
  full: boolean,
  report: ReportProblem,
): Promise<ItemFacts> {
  const bytes: [string, number][] = [];
  const header = async (file: string): Promise<ImageHeader | undefined> => {
    const read = await readChecked(file, full, report);
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
    compareFrames(file, frame, reference, dataset, report);
  }
  const target = item.target === undefined ? undefined : await header(item.target);
  if (reference !== undefined && target !== undefined)
    comparePair(item, reference, target, dataset, report);
  if (dataset.layout === 'synthetic-burst' && item.metadata !== undefined)
    await reportFailure(item.metadata, report, () => readBurstMetadata(item.metadata!));
  return {
    frames: item.inputs.length,
    inputDepth: depth ?? 0,
    targetDepth: target?.bitDepth ?? 0,
    bytes,
  };
}

function readChecked(
  file: string,
  full: boolean,
  report: ReportProblem,
): Promise<ImageHeader | undefined> {
  return reportFailure(file, report, async () => {
    const header = await readImageHeader(file);
    if (full) await decodeRgb8(file);
    return header;
  });
}

/** Reports a failure of reading a file; undefined then. */
async function reportFailure<T>(
  file: string,
  report: ReportProblem,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DpirError)) throw error;
    report(file, error.reason);
    return undefined;
  }
}

function compareFrames(
  file: string,
  frame: ImageHeader,
  reference: ImageHeader,
  { task, layout }: ImageDataset,
  report: ReportProblem,
): void {
  if (task !== 'burst') return;
  if (frame.bitDepth !== 16) report(file, `has ${frame.bitDepth} bits per channel, expected 16`);
  const packed = layout === 'synthetic-burst' ? [4] : [1, 4];
  if (!packed.includes(frame.channels))
    report(file, `has ${frame.channels} channels, expected the 4 of a packed RGGB mosaic`);
  if (sizeText(frame) !== sizeText(reference))
    report(file, `is ${sizeText(frame)} pixels, the first frame ${sizeText(reference)}`);
}

function comparePair(
  { inputs, target }: DatasetItem,
  input: ImageHeader,
  output: ImageHeader,
  { scale, layout }: ImageDataset,
  report: ReportProblem,
): void {
  const grid = gridSize(input, layout);
  const expected = { width: grid.width * scale, height: grid.height * scale };
  if (sizeText(expected) !== sizeText(output))
    report(
      target!,
      `is ${sizeText(output)} pixels, expected ${sizeText(expected)}: ${scale} times ${inputs[0]!}`,
    );
}

function sizeText({ width, height }: { readonly width: number; readonly height: number }): string {
  return `${width} x ${height}`;
}

/** A file of the data set with the index of its item. */
interface SizedFile {
  readonly index: number;
  readonly file: string;
  readonly bytes: number;
}

/**
 * Finds files of equal content. Only those of equal length are read, and hashed in passing.
 * @param found called for every file but the first of equal ones, with that first.
 */
async function findSameContent(
  files: readonly SizedFile[],
  workers: number,
  found: (file: SizedFile, first: SizedFile) => void,
  signal?: AbortSignal,
): Promise<void> {
  const ordered = [...files].sort((left, right) => left.index - right.index);
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
 * The first problems by the index of their item, in whatever order they are found.
 */
class ProblemList {
  readonly #most: number;
  readonly #first: { readonly index: number; readonly entry: DatasetProblem }[] = [];
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

  /** @param index of the item; problems of one item stay in the order in which they are added. */
  add(index: number, file: string, problem: string): void {
    this.#count += 1;
    const at = this.#first.findIndex((known) => known.index > index);
    this.#first.splice(at < 0 ? this.#first.length : at, 0, { index, entry: { file, problem } });
    if (this.#first.length > this.#most) this.#first.pop();
  }
}
