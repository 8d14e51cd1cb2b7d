import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { shellLine } from '../../src/files/quoting.js';
import { splitFiles } from '../splits/split-names.js';
import type { Places } from './places.js';

/** A test set: a folder of `$DATA` or a part of it, or one made of such a folder. */
interface TestSet {
  /** Below `$DATA`. */
  readonly source: string;
  /** File that names the photographs that are taken. */
  readonly list?: string;
  /** File that names those of them that long chains are run on. */
  readonly subset?: string;
  /** How bursts are made of the images, one of each unless counted. */
  readonly bursts?: { readonly count?: number; readonly seed: number; readonly size: number };
}

const benchmark = { source: 'train/bsds', list: splitFiles.benchmark } as const;

/**
 * What is measured on. The benchmark is every fourth photograph of `train/bsds`, on which no module
 * is trained and no setting chosen; the test images of the literature stand beside it.
 */
const testSets = {
  benchmark: { ...benchmark, subset: splitFiles.benchmarkSubset },
  'benchmark-bursts': { ...benchmark, bursts: { seed: 700, size: 264 } },
  set5: { source: 'test/set5' },
  set14: { source: 'test/set14' },
  'urban-10': { source: 'test/urban-10' },
  'kodak-6': { source: 'test/kodak-6' },
  gopro: { source: 'test/gopro' },
} as const satisfies Readonly<Record<string, TestSet>>;

export type DatasetName = keyof typeof testSets;

/** The folder of a test set, which may not be there yet. */
export function datasetFolder(name: DatasetName, { data, runs }: Places): string {
  const { source, bursts }: TestSet = testSets[name];
  return bursts === undefined ? join(data, source) : join(runs, name);
}

/** The file that names the photographs of a test set; undefined where all of the folder are. */
export function datasetList(name: DatasetName): string | undefined {
  const { list, bursts }: TestSet = testSets[name];
  return bursts === undefined ? list : undefined;
}

/** The file that names the photographs for long chains; undefined where there are none for them. */
export function datasetSubset(name: DatasetName): string | undefined {
  const { subset }: TestSet = testSets[name];
  return subset;
}

/** Arguments of `dp-ir` that make a test set; undefined where it is a folder as it stands. */
export function makingWords(name: DatasetName, places: Places): string[] | undefined {
  const { source, bursts, list }: TestSet = testSets[name];
  if (bursts === undefined) return undefined;
  const words = ['data', 'make', '-i', join(places.data, source)];
  words.push('-o', datasetFolder(name, places), '--degradation', 'burst');
  if (list !== undefined) words.push('--list', list);
  for (const [option, value] of Object.entries(bursts)) words.push(`--${option}`, String(value));
  return words;
}

/** The same as a line for a shell. */
export function makingCommand(name: DatasetName, places: Places): string | undefined {
  const words = makingWords(name, places);
  return words === undefined ? undefined : shellLine(['dp-ir', ...words]);
}

/** Whether a test set is there, can be made, or lacks its images. */
export async function datasetState(
  name: DatasetName,
  places: Places,
): Promise<'there' | 'to make' | 'missing'> {
  const { source, bursts }: TestSet = testSets[name];
  // What makes bursts writes this file last.
  const mark = bursts === undefined ? '' : 'dataset.json';
  if (await exists(join(datasetFolder(name, places), mark))) return 'there';
  return bursts !== undefined && (await exists(join(places.data, source))) ? 'to make' : 'missing';
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
