import sharp from 'sharp';

/** Samples of a gradient with some texture, interleaved. */
function samples(width: number, height: number, channels: number, largest: number): number[] {
  return Array.from({ length: width * height * channels }, (_, place) => {
    const pixel = Math.floor(place / channels);
    const wave = Math.sin(0.8 * (pixel % width)) * Math.cos(0.5 * Math.floor(pixel / width));
    return Math.round(largest * (0.5 + 0.4 * wave * (1 - (place % channels) / 8)));
  });
}

/** Writes an 8-bit RGB image in the format of the path. */
export async function writeTestImage(path: string, width: number, height: number): Promise<void> {
  const data = Uint8Array.from(samples(width, height, 3, 255));
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(path);
}

/** Writes a 16-bit PNG with alpha, a Display P3 profile and a copyright in its EXIF. */
export async function writeRichImage(path: string, width: number, height: number): Promise<void> {
  const data = Uint16Array.from(samples(width, height, 4, 65535));
  await sharp(data, { raw: { width, height, channels: 4 } })
    .pipelineColourspace('rgb16')
    .toColourspace('rgb16')
    .withIccProfile('p3')
    .withExif({ IFD0: { Copyright: 'nobody' } })
    .png()
    .toFile(path);
}
