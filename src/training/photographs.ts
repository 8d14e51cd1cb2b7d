import { readdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodeRgb8, type Rgb8 } from '../image/decode.js';
import { InputError } from '../tensor/errors.js';
import {
  type PictureOutline,
  reducedOutline,
  reducedPicture,
  reducesInParts,
  wholeOutline,
} from './reduced-picture.js';

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
  /**
   * The same picture of which only parts are wanted, so that no more than these is reduced; absent
   * where whole pictures are at hand.
   * @throws as `picture`.
   */
  outline?(index: number): Promise<PictureOutline>;
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
  const cache = new PictureCache(cacheBytes);
  const placeOf = (index: number) => ({
    name: names[index % names.length]!,
    factor: reductions[Math.floor(index / names.length)]!,
  });
  const decoded = (name: string): Promise<Rgb8> =>
    cache.picture(name, 1, () => decodeRgb8(join(folder, name)));
  const whole = (name: string, factor: number): Promise<Rgb8> =>
    factor === 1
      ? decoded(name)
      : cache.picture(name, factor, async () => reducedPicture(await decoded(name), factor));
  /** Pixels of each reduced picture that were made for parts of it. */
  const spent = new Map<number, number>();
  return {
    folder,
    count: names.length * reductions.length,
    picture: (index) => {
      const { name, factor } = placeOf(index);
      return whole(name, factor);
    },
    outline: async (index) => {
      const { name, factor } = placeOf(index);
      if (!reducesInParts(factor) || factor === 1 || cache.holds(name, factor))
        return wholeOutline(await whole(name, factor));
      const outline = reducedOutline(await decoded(name), factor);
      const pixels = spent.get(index) ?? 0;
      // Once parts have cost as much as the whole would have, it is worth keeping.
      if (pixels >= outline.width * outline.height) {
        spent.delete(index);
        return wholeOutline(await whole(name, factor));
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

/** Decoded pictures, those used last kept within a number of bytes. */
class PictureCache {
  readonly #pictures = new Map<string, Rgb8>();
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  holds(name: string, factor: number): boolean {
    return this.#pictures.has(`${factor} ${name}`);
  }

  async picture(name: string, factor: number, make: () => Promise<Rgb8>): Promise<Rgb8> {
    const key = `${factor} ${name}`;
    const known = this.#pictures.get(key);
    if (known !== undefined) {
      this.#pictures.delete(key);
      this.#pictures.set(key, known);
      return known;
    }
    const picture = await make();
    // Someone else may have asked for it in the meantime.
    if (this.#pictures.has(key)) return picture;
    this.#pictures.set(key, picture);
    this.#bytes += picture.data.byteLength;
    for (const [oldest, { data }] of this.#pictures) {
      if (this.#bytes <= this.#most || oldest === key) break;
      this.#pictures.delete(oldest);
      this.#bytes -= data.byteLength;
    }
    return picture;
  }
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
  const copies = [...new Set([1, ...reductions])].reduce((sum, factor) => sum + 1 / factor ** 2, 0);
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
