import { basename, relative } from 'node:path';
import { openStoredBurst } from '../../datasets/bursts/stored-burst.js';
import type { DatasetItem, ImageDataset } from '../../datasets/dataset.js';
import { indicesOfNames, stem } from '../../datasets/list-folder.js';
import { drawCrop, makePair } from '../../datasets/make-pair.js';
import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { processToSrgb } from '../../degradation/camera/camera.js';
import { demosaicBilinear } from '../../degradation/camera/mosaic.js';
import { createDegradation } from '../../degradation/create-degradation.js';
import { clamped } from '../../degradation/degradation.js';
import { digestOf, fileDigest } from '../../files/digest.js';
import { decodeImage } from '../../images/decode.js';
import type { Burst } from '../../restoration/index.js';
import { taskNames } from '../../restoration/task-names.js';
import type { Tensor } from '../../tensor/tensor.js';
import { cropped } from '../../tensor/window.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import { evaluationTasks } from './tasks.js';

/** Where the degraded input and the target of an example come from. */
type ItemSource =
  | { readonly kind: 'pair'; readonly input: string; readonly target: string }
  | {
      /** The input is made of the target. */
      readonly kind: 'made';
      readonly image: string;
      readonly degradation: unknown;
      readonly seed: number;
      readonly index: number;
    }
  | { readonly kind: 'burst'; readonly item: DatasetItem };

/** One example of a benchmark. */
export interface BenchmarkItem {
  /** Unique in its data set. */
  readonly name: string;
  /** Pixels of the target for one of the image, or of the mosaic, along each side. */
  readonly scale: number;
  readonly source: ItemSource;
}

/** How examples come out of a data set. */
interface ItemOptions {
  /** Settings of `createDegradation`; inputs are made with it of the targets, or of images. */
  readonly degradation?: unknown;
  /** Of the degradation; 0 unless given. */
  readonly seed?: number | undefined;
  /** Examples to take, by name, and the file that lists them; all unless given. */
  readonly list?: { readonly names: readonly string[]; readonly file: string } | undefined;
  /** Most examples, the first ones. */
  readonly limit?: number | undefined;
}

/** Tasks that degrade plain images in one way. */
const degradingTasks = taskNames.filter((task) => evaluationTasks[task].degradation !== undefined);

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
      expected: 'pairs of images or synthetic bursts',
    });
  const isBurst = layout === 'synthetic-burst';
  if (degradation !== undefined && isBurst)
    throw new ParameterError('degradation', 'none for bursts, which are degraded already', folder);
  if (degradation === undefined && layout === 'images')
    throw new ParameterError(
      'degradation',
      'how to make inputs of plain images',
      folder,
      `Give --task ${degradingTasks.join(' or ')}, or --degradation FILE.json.`,
    );
  const made = degradation === undefined ? undefined : wholeScale(degradation);
  const usable = items.filter(({ target }) => layout === 'images' || target !== undefined);
  if (usable.length === 0)
    throw new InputError(folder, 'has no targets, without which nothing can be measured');
  const places =
    list === undefined
      ? usable.map((_, place) => place)
      : indicesOfNames(usable, list.names, { file: list.file, folder });
  return places.slice(0, limit).map((index): BenchmarkItem => {
    const item = usable[index]!;
    const { name, inputs, target } = item;
    if (made !== undefined) {
      const image = target ?? inputs[0]!;
      return {
        name,
        scale: made,
        source: { kind: 'made', image, degradation, seed, index },
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
      const { image, degradation, seed, index } = source;
      return digestOf({ scale, made: await digests([image]), degradation, seed, index });
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
 * The file that an `outputs` method has for an example: that of its name, or else the only one whose
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

/** An example in memory. */
export interface LoadedItem {
  /** [3, H, W] in [0, 1], or a burst. */
  readonly input: Tensor | Burst;
  /** [3, H, W] sRGB in [0, 1]. */
  readonly target: Tensor;
}

/**
 * Reads an example. The target of a burst is what its camera makes of the linear truth.
 * @throws InputError where a file cannot be read or is too small, LimitError for one too large.
 */
export async function loadItem({ name, scale, source }: BenchmarkItem): Promise<LoadedItem> {
  switch (source.kind) {
    case 'pair': {
      const [input, target] = [await decodeImage(source.input), await decodeImage(source.target)];
      return { input: input.tensor, target: target.tensor };
    }
    case 'made': {
      const { image: file, degradation, seed, index } = source;
      const { tensor: whole } = await decodeImage(file);
      const place = { seed, index };
      // Benchmarks cut images before they degrade them: what is cut off must not shine in.
      const image = cropped(whole, drawCrop(whole, place, { step: scale, file }));
      return makePair({ image, file }, createDegradation(degradation), place);
    }
    case 'burst': {
      const burst = await openStoredBurst(source.item);
      const truth = await burst.truth();
      if (truth === undefined) throw new InputError(name, 'the burst has no target');
      const frames: Tensor[] = [];
      for await (const frame of burst) frames.push(frame);
      const { camera } = burst;
      return { input: { frames, camera }, target: processToSrgb(truth, camera) };
    }
  }
}

export function isBurst(input: Tensor | Burst): input is Burst {
  return 'frames' in input;
}

/**
 * A result and its target, cut at the right and below to what both have: sides that are no multiple
 * of the scale are rounded in different ways.
 * @param scale sides may differ by less than this.
 * @throws InputError where they differ by more.
 */
export function commonPart(
  name: string,
  { result, target }: { readonly result: Tensor; readonly target: Tensor },
  scale: number,
): { readonly result: Tensor; readonly target: Tensor } {
  const [, height = 0, width = 0] = result.shape;
  const [, wantedHeight = 0, wantedWidth = 0] = target.shape;
  if (height === wantedHeight && width === wantedWidth) return { result, target };
  if (Math.max(Math.abs(height - wantedHeight), Math.abs(width - wantedWidth)) >= scale)
    throw new InputError(
      name,
      `the result has ${width} x ${height} pixels, its target ${wantedWidth} x ${wantedHeight}`,
    );
  const part = {
    ...{ left: 0, top: 0 },
    width: Math.min(width, wantedWidth),
    height: Math.min(height, wantedHeight),
  };
  return { result: cropped(result, part), target: cropped(target, part) };
}

/**
 * What an input is without any network: an image enlarged bicubically (itself at scale 1), the
 * reference frame of a burst demosaicked bilinearly, enlarged in linear light and developed by its
 * camera.
 * @param input [3, H, W] in [0, 1], or a burst.
 * @param scale pixels of the result for one of the image, or of the mosaic.
 * @returns [3, H, W] sRGB, in [0, 1].
 */
export function baseline(input: Tensor | Burst, scale: number): Tensor {
  if (!isBurst(input)) return scale === 1 ? input : clamped(resizeBicubic(input, { scale }));
  const colours = demosaicBilinear(referenceOf(input));
  const enlarged = scale === 1 ? colours : resizeBicubic(colours, { scale });
  return processToSrgb(clamped(enlarged), input.camera);
}

function referenceOf({ frames }: Burst): Tensor {
  if (!('data' in frames)) return frames[0]!;
  const shape = frames.shape.slice(1);
  const length = shape.reduce((product, extent) => product * extent, 1);
  return { ...frames, shape, data: frames.data.subarray(0, length) };
}
