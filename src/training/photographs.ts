import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { resizeBicubic } from '../degradation/bicubic.js';
import { decodeRgb8, type Rgb8 } from '../image/decode.js';
import { InputError } from '../tensor/errors.js';
import { tensor } from '../tensor/tensor.js';

const EXTENSIONS = /\.(png|jpe?g|webp|tiff?|avif)$/i;

/** Pictures to train on, each under a number; decoded when first asked for. */
export interface Photographs {
  readonly count: number;
  /** Interleaved 8-bit RGB. */
  picture(index: number): Promise<Rgb8>;
}

/**
 * The pictures of a folder in the order of their names, once per reduction.
 * @param options.cacheBytes decoded pictures kept in memory; default 2 GiB.
 * @throws InputError where the folder cannot be read or holds no pictures.
 */
export async function openPhotographs(
  folder: string,
  options: { readonly reductions?: readonly number[]; readonly cacheBytes?: number } = {},
): Promise<Photographs> {
  const { reductions = [1], cacheBytes = 2 * 2 ** 30 } = options;
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
  const cache = new Map<number, Rgb8>();
  let cached = 0;
  return {
    count: names.length * reductions.length,
    picture: async (index) => {
      const known = cache.get(index);
      if (known !== undefined) {
        cache.delete(index);
        cache.set(index, known);
        return known;
      }
      const full = await decodeRgb8(join(folder, names[index % names.length]!));
      const picture = reduced(full, reductions[Math.floor(index / names.length)]!);
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

function reduced(picture: Rgb8, factor: number): Rgb8 {
  if (factor === 1) return picture;
  const { width, height, data } = picture;
  const planes = new Float32Array(data.length);
  for (let pixel = 0; pixel < width * height; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1)
      planes[channel * width * height + pixel] = data[pixel * 3 + channel]!;
  const small = resizeBicubic(tensor([3, height, width], planes), { scale: 1 / factor });
  const [, rows, columns] = small.shape as [number, number, number];
  const result = new Uint8Array(3 * rows * columns);
  for (let pixel = 0; pixel < rows * columns; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1)
      result[pixel * 3 + channel] = Math.min(
        255,
        Math.max(0, Math.round(small.data[channel * rows * columns + pixel]!)),
      );
  return { width: columns, height: rows, data: result };
}
