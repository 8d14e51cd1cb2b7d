import { join } from 'node:path';
import sharp from 'sharp';

/** The byte of a made-up picture at a place: smooth waves and a fine pattern. */
export function madeUpByte(picture: number, channel: number, y: number, x: number): number {
  const wave = ((x * (3 + channel) + y * (5 - channel) + 40 * picture) >> 1) & 127;
  return wave + ((x * 37 + y * 91 + channel * 53 + picture * 17) & 127);
}

/** A made-up picture as interleaved bytes. */
export function madeUpPicture(picture: number, height: number, width: number): Uint8Array {
  const data = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      for (let channel = 0; channel < 3; channel += 1)
        data[(y * width + x) * 3 + channel] = madeUpByte(picture, channel, y, x);
  return data;
}

/** Writes made-up PNG pictures of the given [height, width], named in their order. */
export async function writePictures(
  folder: string,
  sizes: readonly (readonly [height: number, width: number])[],
): Promise<string> {
  for (const [index, [height, width]] of sizes.entries())
    await sharp(madeUpPicture(index, height, width), { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(folder, `picture-${index}.png`));
  return folder;
}
