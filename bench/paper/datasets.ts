import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { shellLine } from '../../src/app/shell-words.js';
import type { Places } from './places.js';

/** A test set: a folder of `$DATA`, or one made of such a folder. */
interface TestSet {
  /** Below `$DATA`. */
  readonly source: string;
  /** How bursts are made of the pictures. */
  readonly bursts?: { readonly count: number; readonly seed: number; readonly size: number };
}

/**
 * What is measured on. Settings are swept on photographs of `train/bsds`, which no module is
 * trained on, so that the test pictures choose nothing.
 */
const testSets = {
  set5: { source: 'test/set5' },
  set14: { source: 'test/set14' },
  'urban-10': { source: 'test/urban-10' },
  'kodak-6': { source: 'test/kodak-6' },
  gopro: { source: 'test/gopro' },
  bsds: { source: 'train/bsds' },
  'kodak-bursts': { source: 'test/kodak-6', bursts: { count: 12, seed: 0, size: 304 } },
  'bsds-bursts': { source: 'train/bsds', bursts: { count: 8, seed: 500, size: 264 } },
} as const satisfies Readonly<Record<string, TestSet>>;

export type DatasetName = keyof typeof testSets;

/** The folder of a test set, which may not be there yet. */
export function datasetFolder(name: DatasetName, { data, runs }: Places): string {
  const { source, bursts }: TestSet = testSets[name];
  return bursts === undefined ? join(data, source) : join(runs, name);
}

/** Arguments of `dp-ir` that make a test set; undefined where it is a folder as it stands. */
export function makingWords(name: DatasetName, places: Places): string[] | undefined {
  const { source, bursts }: TestSet = testSets[name];
  if (bursts === undefined) return undefined;
  const words = ['data', 'make', '-i', join(places.data, source)];
  words.push('-o', datasetFolder(name, places), '--degradation', 'burst');
  for (const [option, value] of Object.entries(bursts)) words.push(`--${option}`, String(value));
  return words;
}

/** The same as a line for a shell. */
export function makingCommand(name: DatasetName, places: Places): string | undefined {
  const words = makingWords(name, places);
  return words === undefined ? undefined : shellLine(['dp-ir', ...words]);
}

/** Whether a test set is there, can be made, or lacks its pictures. */
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
