import { readdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodeRgb8, type Rgb8 } from '../image/decode.js';
import { InputError } from '../tensor/errors.js';
import { reducedPicture } from './reduced-picture.js';

const EXTENSIONS = /\.(png|jpe?g|webp|tiff?|avif)$/i;

/** Pictures to train on, each under a number; decoded when first asked for. */
export interface Photographs {
  /** Where they are, for messages. */
  readonly folder: string;
  readonly count: number;
  /**
   * Interleaved 8-bit RGB.
   * @throws InputError that names the file where it is damaged.
   */
  picture(index: number): Promise<Rgb8>;
}

/** Bytes of decoded pictures that a run keeps: 2 GiB, and at most a quarter of the machine's memory. */
export function photographsMemory(): number {
  return Math.min(2 * 2 ** 30, totalmem() / 4);
}

/**
 * The pictures of a folder in the order of their names, once per reduction. Those used last stay
 * decoded in memory; what is left out of it is decoded again when needed.
 * @param options.cacheBytes decoded pictures kept in memory; default
 * `photographsMemory`.
 * @throws InputError where the folder cannot be read or holds no pictures.
 */
export async function openPhotographs(
  folder: string,
  options: { readonly reductions?: readonly number[]; readonly cacheBytes?: number } = {},
): Promise<Photographs> {
  const { reductions = [1], cacheBytes = photographsMemory() } = options;
  const names = await pictureNames(folder);
  const cache = new Map<number, Rgb8>();
  let cached = 0;
  return {
    folder,
    count: names.length * reductions.length,
    picture: async (index) => {
      const known = cache.get(index);
      if (known !== undefined) {
        cache.delete(index);
        cache.set(index, known);
        return known;
      }
      const full = await decodeRgb8(join(folder, names[index % names.length]!));
      const picture = reducedPicture(full, reductions[Math.floor(index / names.length)]!);
      cache.set(index, picture);
      cached += picture.data.byteLength;
      for (const [oldest, { data }] of cache) {
        if (cached <= cacheBytes || oldest === index) break;
        cache.delete(oldest);
        cached -= data.byteLength;
      }
      return picture;
    },
  };
}

const MOST_HEADERS = 32;

/**
 * Bytes of decoded pictures that a run over a folder will keep, from the headers of some of them.
 * @throws InputError where the folder cannot be read or holds no pictures.
 */
export async function keptPhotographs(
  folder: string,
  reductions: readonly number[],
): Promise<number> {
  const names = await pictureNames(folder);
  const every = Math.ceil(names.length / MOST_HEADERS);
  const looked = names.filter((_, index) => index % every === 0);
  const pixels = await Promise.all(looked.map((name) => pixelsOf(join(folder, name))));
  const mean = pixels.reduce((sum, count) => sum + count, 0) / looked.length;
  const copies = reductions.reduce((sum, factor) => sum + 1 / factor ** 2, 0);
  return Math.min(photographsMemory(), 3 * mean * copies * names.length);
}

/** Damaged pictures are told of when they are met. */
async function pixelsOf(path: string): Promise<number> {
  const { width = 0, height = 0 } = await sharp(path)
    .metadata()
    .catch(() => ({ width: 0, height: 0 }));
  return width * height;
}

async function pictureNames(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => EXTENSIONS.test(name)).sort();
  } catch (cause) {
    throw new InputError(folder, 'cannot be read as a folder of photographs', { cause });
  }
  if (names.length === 0)
    throw new InputError(folder, 'holds no pictures', {
      expected: 'PNG, JPEG, WebP, TIFF or AVIF',
    });
  return names;
}
