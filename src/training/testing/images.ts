import { join } from 'node:path';
import sharp from 'sharp';

/** The byte of a made-up image at a place: smooth waves and a fine pattern. */
export function madeUpByte(image: number, channel: number, y: number, x: number): number {
  const wave = ((x * (3 + channel) + y * (5 - channel) + 40 * image) >> 1) & 127;
  return wave + ((x * 37 + y * 91 + channel * 53 + image * 17) & 127);
}

/** A made-up image as interleaved bytes. */
export function madeUpImage(image: number, height: number, width: number): Uint8Array {
  const data = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      for (let channel = 0; channel < 3; channel += 1)
        data[(y * width + x) * 3 + channel] = madeUpByte(image, channel, y, x);
  return data;
}

/** Writes made-up PNG images of the given [height, width], named in their order. */
export async function writeTestImages(
  folder: string,
  sizes: readonly (readonly [height: number, width: number])[],
): Promise<string> {
  for (const [index, [height, width]] of sizes.entries())
    await sharp(madeUpImage(index, height, width), { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(folder, `image-${index}.png`));
  return folder;
}
