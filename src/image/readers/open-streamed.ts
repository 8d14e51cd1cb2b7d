import type { DecodedPicture } from '../decode.js';
import { metadataOf } from '../decode.js';
import type { Orientation } from '../orientation.js';
import { decoderPipeline } from '../pipeline.js';
import { type DecodeLimits, decoding, type OpenPicture, openPictureAt } from '../source.js';
import type { PixelSource } from './pixel-source.js';
import { spool } from './spool.js';
import { spreadSource } from './spread-source.js';
import { turnedSource } from './turned-source.js';

/** A picture that is never in memory as a whole: as a `DecodedPicture`, its pixels on the disk. */
export interface StreamedPicture extends Omit<DecodedPicture, 'tensor' | 'alpha'> {
  /** Upright; the last channel is alpha where there is one. */
  readonly pixels: PixelSource;
  readonly hasAlpha: boolean;
}

/** Where and how large a streamed picture may be. */
export interface StreamOptions {
  readonly limits?: DecodeLimits;
  /**
   * A path whose folder takes the samples, uncompressed, until the source is closed; default: the
   * picture's own.
   */
  readonly beside?: string;
}

/**
 * Decodes a picture file onto the disk. Its pixels are those of `decodeImage`, bit for bit. Memory
 * is that of a few strips for PNG, TIFF and JPEG, of the whole for formats that decode in one piece:
 * WebP, AVIF, interlaced PNG and progressive JPEG.
 * @throws as decodeImage, and OutputError where the folder cannot take the samples.
 */
export async function openStreamed(
  path: string,
  { limits, beside = path }: StreamOptions = {},
): Promise<StreamedPicture> {
  const picture = await openPictureAt(path, limits);
  try {
    return await streamOpened(picture, beside);
  } finally {
    await picture.close();
  }
}

/** As `openStreamed`, of a file that is open and stays so. */
export async function streamOpened(
  { name, input, format, header }: OpenPicture,
  beside: string,
): Promise<StreamedPicture> {
  const stored = await decoding(name, format, (strictness) =>
    spool(decoderPipeline(input, header, { ...strictness, sequentialRead: true }), beside),
  );
  return {
    pixels: spreadSource(turnedSource(stored, orientationOf(header.orientation)), header),
    hasAlpha: header.hasAlpha,
    ...metadataOf(header),
  };
}

/** What lies beyond the eight of EXIF is no orientation. */
function orientationOf(value = 1): Orientation {
  return (value >= 1 && value <= 8 ? value : 1) as Orientation;
}
