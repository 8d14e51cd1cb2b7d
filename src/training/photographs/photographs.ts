import { readdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../datasets/open-dataset.js';
import { unreadableInput } from '../../files/input-file.js';
import { decodeRgb8, type Rgb8 } from '../../images/decode.js';
import { readImageHeader } from '../../images/source.js';
import { InputError } from '../../utils/errors.js';
import type { Recipe } from '../recipe.js';
import {
  type ImageOutline,
  reducedImage,
  reducedOutline,
  reducesInParts,
  wholeOutline,
} from './crops.js';

const EXTENSIONS = /\.(png|jpe?g|webp|tiff?|avif)$/i;

/** Images to train on, each under a number; decoded when first asked for. */
export interface Photographs {
  /** Where they are, for messages. */
  readonly folder: string;
  readonly count: number;
  /**
   * Interleaved 8-bit RGB.
   * @throws InputError that names the file where it is damaged.
   */
  image(index: number): Promise<Rgb8>;
  /**
   * The degraded image of the same size that goes with it, where these are pairs.
   * @throws as `image`.
   */
  degraded?(index: number): Promise<Rgb8>;
  /**
   * The same image of which only parts are wanted, so that no more than these is reduced; absent
   * where whole images are at hand.
   * @throws as `image`.
   */
  outline?(index: number): Promise<ImageOutline>;
}

/** Bytes of decoded images that a run keeps: 2 GiB, and at most a quarter of the machine's memory. */
export function photographsMemory(): number {
  return Math.min(2 * 2 ** 30, totalmem() / 4);
}

/** The files of images that belong together. */
export interface ImageFiles {
  /** Where they are, for messages. */
  readonly folder: string;
  readonly files: readonly string[];
  /** The degraded image of each, where these are pairs. */
  readonly degraded?: readonly string[];
}

/** How images are opened. */
export interface ImageOptions {
  /** Each image is also there reduced by these factors; 1 is the image itself. */
  readonly reductions?: readonly number[];
  /** Bytes of decoded images kept in memory; default `photographsMemory`. */
  readonly cacheBytes?: number;
}

/**
 * The images of a folder in the order of their names, once per reduction. Those used last stay
 * decoded in memory; what is left out of it is decoded again when needed.
 * @throws InputError where the folder cannot be read or holds no images.
 */
export async function openPhotographs(
  folder: string,
  options: ImageOptions = {},
): Promise<Photographs> {
  return openImages(await imageFiles(folder), options);
}

/** As `openPhotographs`, for files that are known, or pairs of such. */
function openImages(images: ImageFiles, options: ImageOptions = {}): Photographs {
  const { folder, files, degraded } = images;
  const { reductions = [1], cacheBytes = photographsMemory() } = options;
  const cache = new ImageCache(cacheBytes);
  const placeOf = (index: number) => ({
    number: index % files.length,
    factor: reductions[Math.floor(index / files.length)]!,
  });
  const decoded = (file: string): Promise<Rgb8> => cache.image(file, 1, () => decodeRgb8(file));
  const whole = (file: string, factor: number): Promise<Rgb8> =>
    factor === 1
      ? decoded(file)
      : cache.image(file, factor, async () => reducedImage(await decoded(file), factor));
  const common = {
    folder,
    count: files.length * reductions.length,
    image: (index: number) => {
      const { number, factor } = placeOf(index);
      return whole(files[number]!, factor);
    },
  };
  if (degraded !== undefined)
    return {
      ...common,
      degraded: (index) => {
        const { number, factor } = placeOf(index);
        return whole(degraded[number]!, factor);
      },
    };
  /** Pixels of each reduced image that were made for parts of it. */
  const spent = new Map<number, number>();
  return {
    ...common,
    outline: async (index) => {
      const { number, factor } = placeOf(index);
      const file = files[number]!;
      if (!reducesInParts(factor) || factor === 1 || cache.holds(file, factor))
        return wholeOutline(await whole(file, factor));
      const outline = reducedOutline(await decoded(file), factor);
      const pixels = spent.get(index) ?? 0;
      // Once parts have cost as much as the whole would have, it is worth keeping.
      if (pixels >= outline.width * outline.height) {
        spent.delete(index);
        return wholeOutline(await whole(file, factor));
      }
      return {
        ...outline,
        part: (left, top, size) => {
          spent.set(index, pixels + size * size);
          return outline.part(left, top, size);
        },
      };
    },
  };
}

const MOST_HEADERS = 32;

/**
 * Bytes of decoded images that a run over them will keep, from the headers of some of them.
 */
export async function cachedImageBytes(
  { files, degraded }: ImageFiles,
  reductions: readonly number[],
): Promise<number> {
  const every = Math.ceil(files.length / MOST_HEADERS);
  const looked = files.filter((_, index) => index % every === 0);
  const pixels = await Promise.all(looked.map(pixelsOf));
  const mean = pixels.reduce((sum, count) => sum + count, 0) / looked.length;
  const sizes = [...new Set([1, ...reductions])].reduce((sum, factor) => sum + 1 / factor ** 2, 0);
  const copies = degraded === undefined ? sizes : 2 * sizes;
  return Math.min(photographsMemory(), 3 * mean * copies * files.length);
}

/** Damaged images are told of when they are met. */
async function pixelsOf(path: string): Promise<number> {
  return readImageHeader(path).then(
    ({ width, height }) => width * height,
    () => 0,
  );
}

/**
 * The images of a folder by name.
 * @throws InputError where the folder cannot be read or holds no images.
 */
export async function imageFiles(folder: string): Promise<ImageFiles> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => EXTENSIONS.test(name)).sort();
  } catch (cause) {
    throw unreadableInput(folder, cause, 'folder');
  }
  if (names.length === 0)
    throw new InputError(folder, 'holds no images', {
      expected: 'PNG, JPEG, WebP, TIFF or AVIF',
    });
  return { folder, files: names.map((name) => join(folder, name)) };
}

/**
 * The images that a recipe trains on: its photographs, or the pairs of its data set.
 * @throws InputError where there are none.
 */
export async function openSource(recipe: Recipe, options: ImageOptions = {}): Promise<Photographs> {
  return openImages(await sourceFiles(recipe), { reductions: recipe.reductions, ...options });
}

/**
 * The images that a recipe is validated on: of the kind that it trains on.
 * @throws as `openSource`.
 */
export async function openHeldOut(recipe: Recipe): Promise<Photographs> {
  const { data } = recipe.validation!;
  return openImages(hasPairs(recipe) ? await pairFiles(data) : await imageFiles(data));
}

/**
 * Bytes of decoded images that a run will keep, from the headers of some of them.
 * @throws as `openSource`.
 */
export async function cachedPhotographBytes(recipe: Recipe): Promise<number> {
  return cachedImageBytes(await sourceFiles(recipe), recipe.reductions);
}

/**
 * The files that a recipe trains on.
 * @throws as `openSource`.
 */
export async function sourceFiles(recipe: Recipe): Promise<ImageFiles> {
  return hasPairs(recipe) ? pairFiles(recipe.pairs) : imageFiles(recipe.data);
}

function hasPairs(recipe: Recipe): recipe is Recipe & { readonly pairs: string } {
  return 'pairs' in recipe && recipe.pairs !== undefined;
}

async function pairFiles(folder: string): Promise<ImageFiles> {
  const { items } = await openDataset(folder);
  const pairs = items.flatMap(({ inputs: [input], target }) =>
    input === undefined || target === undefined ? [] : [{ input, target }],
  );
  if (pairs.length === 0)
    throw new InputError(folder, 'holds no pairs', { expected: 'degraded and sharp images' });
  return {
    folder,
    files: pairs.map(({ target }) => target),
    degraded: pairs.map(({ input }) => input),
  };
}

/** Decoded images, those used last kept within a number of bytes. */
export class ImageCache {
  readonly #images = new Map<string, Rgb8>();
  readonly #making = new Map<string, Promise<Rgb8>>();
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  holds(name: string, factor: number): boolean {
    return this.#images.has(`${factor} ${name}`);
  }

  /** The image of that name; whoever asks while it is made waits for the same one. */
  async image(name: string, factor: number, make: () => Promise<Rgb8>): Promise<Rgb8> {
    const key = `${factor} ${name}`;
    const known = this.#images.get(key);
    if (known !== undefined) {
      this.#images.delete(key);
      this.#images.set(key, known);
      return known;
    }
    let making = this.#making.get(key);
    if (making === undefined) {
      making = make().then(
        (image) => this.#keep(key, image),
        (error) => {
          this.#making.delete(key);
          throw error;
        },
      );
      this.#making.set(key, making);
    }
    return making;
  }

  #keep(key: string, image: Rgb8): Rgb8 {
    this.#making.delete(key);
    this.#images.set(key, image);
    this.#bytes += image.data.byteLength;
    for (const [oldest, { data }] of this.#images) {
      if (this.#bytes <= this.#most || oldest === key) break;
      this.#images.delete(oldest);
      this.#bytes -= data.byteLength;
    }
    return image;
  }
}
