import { writeFileAtomic } from '../files/write-atomic.js';
import { ParameterError } from '../utils/errors.js';
import { iccColourSpace } from './colour/icc-profile.js';
import { encodeRaster } from './encode.js';
import { formatFromPath, type ImageFormat } from './format.js';
import { sizedExif, sizedXmp } from './metadata.js';
import { openPngWriter } from './png.js';
import type { ImageLayout, RasterWriter } from './raster.js';
import { openTiffWriter } from './tiff.js';

/** Largest side that a format can state. */
const largestSides: Readonly<Record<ImageFormat, number>> = {
  png: 2 ** 31 - 1,
  tiff: 2 ** 31 - 1,
  jpeg: 65535,
  webp: 16383,
  avif: 16384,
};

/** Whether a format is written row by row; others need all samples in memory. */
export function isStreamed(format: ImageFormat): boolean {
  return format === 'png' || format === 'tiff';
}

/**
 * @throws ParameterError where the format of a path cannot state sides of this length.
 */
export function requireSides(path: string, width: number, height: number): void {
  const format = formatFromPath(path);
  const largest = largestSides[format];
  if (Math.max(width, height) > largest)
    throw new ParameterError(
      'output',
      `sides of at most ${largest} pixels for ${format}`,
      `${width} x ${height}`,
      'Use png or tiff.',
    );
}

/**
 * Opens an image file for rows that come one after another. PNG and TIFF are written at once,
 * without loss; other formats are encoded at the end.
 * @throws ParameterError where the format cannot state the image's sides.
 */
export async function openWriter(path: string, layout: ImageLayout): Promise<RasterWriter> {
  const { icc, ...rest } = sized(layout);
  requireSides(path, layout.width, layout.height);
  const isFitting =
    icc !== undefined && iccColourSpace(icc) === (layout.channels <= 2 ? 'grey' : 'rgb');
  const fitting = isFitting ? { ...rest, icc } : rest;
  const format = formatFromPath(path);
  if (format === 'png') return openPngWriter(path, fitting);
  if (format === 'tiff') return openTiffWriter(path, fitting);
  return openCollectingWriter(path, format, fitting);
}

/** Metadata that states the size states that of this file. */
function sized(layout: ImageLayout): ImageLayout {
  const { exif, xmp } = layout;
  return {
    ...layout,
    ...(exif && { exif: sizedExif(exif, layout) }),
    ...(xmp && { xmp: sizedXmp(xmp, layout) }),
  };
}

/** Keeps the samples of an image, 8 or 16 bits each, for an encoder that wants all of them. */
export function openCollectingWriter(
  path: string,
  format: ImageFormat,
  layout: ImageLayout,
): RasterWriter {
  const { width, height, channels, bitDepth } = layout;
  const pitch = width * channels;
  let samples: Uint8Array | Uint16Array | undefined;
  let row = 0;
  const room = () => new (bitDepth === 16 ? Uint16Array : Uint8Array)(height * pitch);
  return {
    write: async (rows) => {
      if (rows.height === height) samples = rows.samples;
      else {
        samples ??= room();
        samples.set(rows.samples, row * pitch);
      }
      row += rows.height;
    },
    finish: async () => {
      const raster = { width, height, channels, samples: samples ?? room() };
      await writeFileAtomic(path, await encodeRaster(raster, layout, format));
    },
    abandon: async () => {
      samples = undefined;
    },
  };
}
