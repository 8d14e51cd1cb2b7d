import { dirname } from 'node:path';
import { CancelledError } from '../../tensor/errors.js';
import type { ImageDataset } from '../dataset.js';
import { checkItem, type ItemFacts } from './check-item.js';
import { inParallel } from './in-parallel.js';
import { type DatasetProblem, ProblemList } from './problem-list.js';
import { findSameContent, type SizedFile } from './same-content.js';

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
  /** Input pictures, or frames of bursts. */
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
 * that no file lacks its partner or repeats another's content. One picture per worker is in memory.
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
    await inParallel(
      items.length,
      workers,
      async (place) => {
        const tell = (file: string, problem: string) => problems.add(place, file, problem);
        const { bytes, ...seen } = await checkItem(items[place]!, dataset, full, tell);
        facts[place] = seen;
        for (const [file, size] of bytes) files.push({ place, file, bytes: size });
        onProgress?.(++done);
      },
      signal,
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
