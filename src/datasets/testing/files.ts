import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { uniform32 } from '../../tensor/random.js';

/** What a made-up image is like. */
export interface MadeUpImage {
  readonly width?: number;
  readonly height?: number;
  readonly channels?: 1 | 3 | 4;
  readonly bits?: 8 | 16;
}

let made = 0;

/** Writes an image with content of its own in the format of the name, folders included. */
export async function writeTestImage(
  path: string,
  { width = 8, height = 6, channels = 3, bits = 8 }: MadeUpImage = {},
): Promise<string> {
  made += 1;
  await mkdir(dirname(path), { recursive: true });
  const seed = made;
  const value = (at: number) => uniform32(seed, 0, at) >>> (32 - bits);
  const length = width * height * channels;
  const samples =
    bits === 8
      ? Uint8Array.from({ length }, (_, at) => value(at))
      : Uint16Array.from({ length }, (_, at) => value(at));
  const space = channels === 1 ? (bits === 8 ? 'b-w' : 'grey16') : bits === 8 ? 'srgb' : 'rgb16';
  const jpeg = /\.jpe?g$/i.test(path);
  const encoded = sharp(samples, { raw: { width, height, channels } }).toColourspace(space);
  await writeFile(path, await (jpeg ? encoded.jpeg({ quality: 100 }) : encoded.png()).toBuffer());
  return path;
}

/** Writes one image to each of several places below a folder. */
export async function writeTestImages(
  folder: string,
  names: readonly string[],
  like?: MadeUpImage,
): Promise<void> {
  for (const name of names) await writeTestImage(join(folder, name), like);
}

/** Writes a small text file, folders included. */
export async function writeText(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}
