import { ParameterError } from '../../tensor/errors.js';
import { iccColourSpace } from '../colour/icc-profile.js';
import { formatFromPath, type PictureFormat } from '../format.js';
import { sizedExif } from '../metadata/exif-patch.js';
import { sizedXmp } from '../metadata/xmp-patch.js';
import { openCollectingWriter } from './collecting-writer.js';
import { openPngWriter } from './png-writer.js';
import type { PictureLayout, RasterWriter } from './raster-writer.js';
import { openTiffWriter } from './tiff-writer.js';

/** Largest side that a format can state. */
const largestSides: Readonly<Record<PictureFormat, number>> = {
  png: 2 ** 31 - 1,
  tiff: 2 ** 31 - 1,
  jpeg: 65535,
  webp: 16383,
  avif: 16384,
};

/** Whether a format is written as its rows come, holding a few of them. */
export function isStreamed(format: PictureFormat): boolean {
  return format === 'png' || format === 'tiff';
}

/**
 * @throws ParameterError where the format of a path has no place for a picture of this size.
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
 * Opens a picture file for rows that come one after another. PNG and TIFF are written at once,
 * without loss; for other formats the samples are kept until the end.
 * @throws ParameterError where the format has no place for the picture's size.
 */
export async function openWriter(path: string, layout: PictureLayout): Promise<RasterWriter> {
  const { icc, ...rest } = sized(layout);
  requireSides(path, layout.width, layout.height);
  const isFitting =
    icc !== undefined && iccColourSpace(icc) === (layout.channels <= 2 ? 'grey' : 'rgb');
  const own = isFitting ? { ...rest, icc } : rest;
  const format = formatFromPath(path);
  if (format === 'png') return openPngWriter(path, own);
  if (format === 'tiff') return openTiffWriter(path, own);
  return openCollectingWriter(path, format, own);
}

/** Metadata that states the size states that of this file. */
function sized(layout: PictureLayout): PictureLayout {
  const { exif, xmp } = layout;
  return {
    ...layout,
    ...(exif && { exif: sizedExif(exif, layout) }),
    ...(xmp && { xmp: sizedXmp(xmp, layout) }),
  };
}
