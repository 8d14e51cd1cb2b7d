import { closeSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Metadata, Sharp } from 'sharp';
import { temporaryFor, unwritable } from '../files/write-atomic.js';
import type { Rectangle } from '../tensor/window.js';
import { InputError } from '../utils/errors.js';
import { type DecodedImage, decoderPipeline, metadataOf, scaleLevels } from './decode.js';
import { type Orientation, turnedSource } from './orientation.js';
import type { Raster } from './raster.js';
import { type DecodeLimits, decoding, type OpenImage, openImageAt } from './source.js';

/** An image that is never in memory as a whole: as a `DecodedImage`, its pixels on the disk. */
export interface StreamedImage extends Omit<DecodedImage, 'tensor' | 'alpha'> {
  /** Upright; the last channel is alpha where there is one. */
  readonly pixels: PixelSource;
  readonly hasAlpha: boolean;
}

/** Where and how large a streamed image may be. */
interface StreamOptions {
  readonly limits?: DecodeLimits;
  /**
   * A path whose folder takes the samples, uncompressed, until the source is closed; default: the
   * image's own.
   */
  readonly beside?: string;
}

/**
 * Decodes an image file onto the disk. Its pixels are those of `decodeImage`, bit for bit. Memory
 * is that of a few strips for PNG, TIFF and JPEG, of the whole for formats that decode in one piece:
 * WebP, AVIF, interlaced PNG and progressive JPEG.
 * @throws as decodeImage, and OutputError where the folder cannot take the samples.
 */
export async function openStreamed(
  path: string,
  { limits, beside = path }: StreamOptions = {},
): Promise<StreamedImage> {
  const image = await openImageAt(path, limits);
  try {
    return await streamOpened(image, beside);
  } finally {
    await image.close();
  }
}

/** As `openStreamed`, of a file that is open and stays so. */
export async function streamOpened(
  { name, input, format, header }: OpenImage,
  beside: string,
): Promise<StreamedImage> {
  const stored = await decoding(name, format, (strictness) =>
    spool(decoderPipeline(input, header, { ...strictness, sequentialRead: true }), beside),
  );
  return {
    pixels: scaledSource(turnedSource(stored, orientationOf(header.orientation)), header),
    hasAlpha: header.hasAlpha,
    ...metadataOf(header),
  };
}

/** What lies beyond the eight of EXIF is no orientation. */
function orientationOf(value = 1): Orientation {
  return (value >= 1 && value <= 8 ? value : 1) as Orientation;
}

/** An image whose samples lie on the disk and are read in parts. */
export interface PixelSource extends Pick<Raster, 'width' | 'height' | 'channels'> {
  readonly bitDepth: 8 | 16;
  /** The samples of a rectangle inside the image, interleaved, row by row. */
  read(rectangle: Rectangle): Promise<Raster>;
  /** Gives file and disk space back; a second call does nothing. */
  close(): Promise<void>;
}

/** Whole rows of an image. */
export function readRows(source: PixelSource, from: number, count: number): Promise<Raster> {
  return source.read({ top: from, left: 0, height: count, width: source.width });
}

/** libvips's own format: a header of this many bytes, then all samples as they lie in memory. */
const HEADER = 64;
const OWN_ORDER = Buffer.from([0xb6, 0xa6, 0xf2, 0x08]);
const bitDepths = new Map<number, 8 | 16>([
  [0, 8],
  [2, 16],
]);

/**
 * Decodes an image once, in strips where its format allows, into a nameless file of raw samples,
 * and reads from there. The decoder's work is the same as into memory, and so are the samples.
 * @param pipeline of the decoder, of 8 or 16 bits a sample.
 * @param beside a path whose folder takes the file, which needs the size of the samples.
 * @throws OutputError where it cannot, and what the decoder throws.
 */
async function spool(pipeline: Sharp, beside: string): Promise<PixelSource> {
  const path = temporaryFor(beside, '.v');
  try {
    await pipeline.toFile(path).catch((cause) => {
      const text = String(cause);
      const isOurs = text.includes(path) || /no space left|quota|write failed/i.test(text);
      throw isOurs ? unwritable(beside, cause) : cause;
    });
    const file = openSync(path, 'r');
    try {
      return openSpooled(file, path);
    } catch (error) {
      closeSync(file);
      throw error;
    }
  } finally {
    // The open file stays readable, and nothing is left behind however the process ends.
    await rm(path, { force: true });
  }
}

function openSpooled(file: number, path: string): PixelSource {
  const header = Buffer.alloc(HEADER);
  readFully(file, header, 0, path);
  const isOwn = OWN_ORDER.equals(header.subarray(0, 4));
  const at = (offset: number): number =>
    isOwn ? header.readInt32LE(offset) : header.readInt32BE(offset);
  const [width, height, channels, bitDepth] = [at(4), at(8), at(12), bitDepths.get(at(20))];
  if (bitDepth === undefined || channels < 1 || channels > 4)
    throw new InputError(path, `${channels} channels of an unknown kind were decoded`);
  const pixelBytes = (channels * bitDepth) / 8;
  let isOpen = true;
  return {
    width,
    height,
    channels: channels as Raster['channels'],
    bitDepth,
    read: async (rectangle) => {
      const { samples, bytes } = room(rectangle, channels, bitDepth);
      const whole = rectangle.width === width;
      const rows = whole ? 1 : rectangle.height;
      const pitch = (whole ? rectangle.height : 1) * rectangle.width * pixelBytes;
      for (let row = 0; row < rows; row += 1) {
        const first = (rectangle.top + row) * width + rectangle.left;
        const part = bytes.subarray(row * pitch, (row + 1) * pitch);
        readFully(file, part, HEADER + first * pixelBytes, path);
      }
      const { height: tall, width: wide } = rectangle;
      return { width: wide, height: tall, channels: channels as Raster['channels'], samples };
    },
    close: async () => {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}

function room({ height, width }: Rectangle, channels: number, bitDepth: 8 | 16) {
  const length = height * width * channels;
  const samples = bitDepth === 16 ? new Uint16Array(length) : new Uint8Array(length);
  return { samples, bytes: new Uint8Array(samples.buffer) };
}

function readFully(file: number, target: Uint8Array, position: number, path: string): void {
  for (let done = 0; done < target.length; ) {
    const count = Math.min(target.length - done, 2 ** 30);
    const read = readSync(file, target, done, count, position + done);
    if (read === 0) throw new InputError(path, 'fewer samples were decoded than the image has');
    done += read;
  }
}

/** A source whose samples of 10 or 12 bits have the range of 16; others are given back. */
function scaledSource(stored: PixelSource, header: Metadata): PixelSource {
  if (stored.bitDepth === 8) return stored;
  return {
    ...stored,
    read: async (rectangle) => {
      const raster = await stored.read(rectangle);
      scaleLevels(raster.samples, header);
      return raster;
    },
  };
}
