import { basename, relative } from 'node:path';
import type { DatasetItem, ImageDataset } from '../../datasets/dataset.js';
import { stem } from '../../datasets/list-folder.js';
import { placesOfNames } from '../../datasets/name-list.js';
import { createDegradation } from '../../degradation/create-degradation.js';
import { InputError, ParameterError } from '../../tensor/errors.js';
import { digestOf, fileDigest } from './digest.js';

/** Where the degraded input and the target of an example come from. */
export type ItemSource =
  | { readonly kind: 'pair'; readonly input: string; readonly target: string }
  | {
      /** The input is made of the target. */
      readonly kind: 'made';
      readonly picture: string;
      readonly degradation: unknown;
      readonly seed: number;
      readonly index: number;
    }
  | { readonly kind: 'burst'; readonly item: DatasetItem };

/** One example of a benchmark. */
export interface BenchmarkItem {
  /** Unique in its data set. */
  readonly name: string;
  /** Pixels of the target for one of the picture, or of the mosaic, along each side. */
  readonly scale: number;
  readonly source: ItemSource;
}

/** How examples come out of a data set. */
export interface ItemOptions {
  /** Settings of `createDegradation`; inputs are made with it of the targets, or of pictures. */
  readonly degradation?: unknown;
  /** Of the degradation; 0 unless given. */
  readonly seed?: number | undefined;
  /** Examples to take, by name, and the file that lists them; all unless given. */
  readonly list?: { readonly names: readonly string[]; readonly file: string } | undefined;
  /** Most examples, the first ones. */
  readonly limit?: number | undefined;
}

/** What makes the inputs of super-resolution by 4: reduced with antialiasing, rounded to 8 bits. */
export const reductionBy4 = { kind: 'bicubic', scale: 4 } as const;

/**
 * The examples of a data set in its order. What degrades an example is drawn by its place in the
 * whole data set, so that no list or limit changes it.
 * @throws ParameterError where inputs would have to be made and nothing says how, or for settings
 * out of range; InputError for a data set without targets or of a kind that is not supported, and
 * for a list with names that it does not have.
 */
export function benchmarkItems(
  { folder, layout, scale, items }: ImageDataset,
  { degradation, seed = 0, list, limit = Number.POSITIVE_INFINITY }: ItemOptions = {},
): BenchmarkItem[] {
  if (layout === 'burst-sr')
    throw new InputError(folder, 'bursts whose target another camera took cannot be judged', {
      expected: 'pairs of pictures or synthetic bursts',
    });
  const isBurst = layout === 'synthetic-burst';
  if (degradation !== undefined && isBurst)
    throw new ParameterError('degradation', 'none for bursts, which are degraded already', folder);
  if (degradation === undefined && layout === 'pictures')
    throw new ParameterError(
      'degradation',
      'how to make inputs of plain pictures',
      folder,
      'Give --task sr4 for a reduction by 4, or --degradation FILE.json.',
    );
  const made = degradation === undefined ? undefined : wholeScale(degradation);
  const usable = items.filter(({ target }) => layout === 'pictures' || target !== undefined);
  if (usable.length === 0)
    throw new InputError(folder, 'has no targets, without which nothing can be measured');
  const places =
    list === undefined
      ? usable.map((_, place) => place)
      : placesOfNames(usable, list.names, { file: list.file, folder });
  return places.slice(0, limit).map((index): BenchmarkItem => {
    const item = usable[index]!;
    const { name, inputs, target } = item;
    if (made !== undefined) {
      const picture = target ?? inputs[0]!;
      return {
        name,
        scale: made,
        source: { kind: 'made', picture, degradation, seed, index },
      };
    }
    if (isBurst) return { name, scale, source: { kind: 'burst', item } };
    return { name, scale, source: { kind: 'pair', input: inputs[0]!, target: target! } };
  });
}

/** What an example consists of, by content: names and places of files do not matter. */
export async function itemDigest({ source, scale }: BenchmarkItem): Promise<string> {
  const digests = (paths: readonly (string | undefined)[]) =>
    Promise.all(paths.map((path) => (path === undefined ? null : fileDigest(path))));
  switch (source.kind) {
    case 'pair':
      return digestOf({ scale, pair: await digests([source.input, source.target]) });
    case 'made': {
      const { picture, degradation, seed, index } = source;
      return digestOf({ scale, made: await digests([picture]), degradation, seed, index });
    }
    case 'burst': {
      const { inputs, target, metadata } = source.item;
      return digestOf({ scale, burst: await digests([target, metadata, ...inputs]) });
    }
  }
}

/** Short names of folders, all different. */
export function datasetNames(folders: readonly string[]): string[] {
  const short = folders.map((folder) => basename(folder));
  return short.map((name, index) =>
    short.filter((other) => other === name).length === 1
      ? name
      : relative(process.cwd(), folders[index]!).replaceAll('\\', '/'),
  );
}

/**
 * The file that somebody's method gave for an example: that of its name, or else the only one whose
 * name begins with it, as in `img-001_SomeNet.png`.
 * @param files paths below their folder, with forward slashes.
 */
export function matchOutput(name: string, files: readonly string[]): string | undefined {
  const named = files.filter((file) => stem(file) === name);
  if (named.length > 0) return named[0];
  const last = basename(name);
  const base = files.filter((file) => stem(basename(file)) === last);
  if (base.length === 1) return base[0];
  const longer = files.filter((file) => {
    const own = stem(basename(file));
    return own.startsWith(last) && /^[_.-]/.test(own.slice(last.length));
  });
  return longer.length === 1 ? longer[0] : undefined;
}

function wholeScale(settings: unknown): number {
  const { scale } = createDegradation(settings);
  if (!Number.isInteger(scale))
    throw new ParameterError('degradation', 'one of a whole scale', scale);
  return scale;
}
