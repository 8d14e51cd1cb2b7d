import type { Metadata, SharpOptions } from 'sharp';
import sharp from 'sharp';
import { BeyondBytes, openInput, readInput, unreadableInput } from '../files/input-file.js';
import { DpirError, InputError, LimitError } from '../utils/errors.js';
import { MAX_CHANNELS, MAX_FILE_BYTES, MAX_FRAMES, MAX_PIXELS } from '../utils/limits.js';
import {
  detectFormat,
  HEAD_BYTES,
  type ReadFormat,
  type ReadRange,
  rangeReader,
  unsupportedFormat,
} from './format.js';
import { countScans } from './jpeg.js';
import { pngDamage, pngSize } from './png.js';
import { tiffOutline } from './tiff.js';

/** A header that is within the limits, as the decoder read it. */
interface CheckedHeader {
  readonly format: ReadFormat;
  readonly header: Metadata;
}

/** The bytes of an image with its header. */
export interface ImageSource extends CheckedHeader {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The bytes of an image file.
 * @throws InputError where it cannot be read, LimitError where it is larger than `maxBytes`.
 */
export async function readImageFile(path: string, limits: DecodeLimits = {}): Promise<Uint8Array> {
  return readInput(path, mostBytes(limits)).catch((cause) => {
    throw unreadable(path, cause, limits);
  });
}

/** The error to throw for an image file that cannot be read. */
function unreadable(path: string, cause: unknown, limits: DecodeLimits): unknown {
  if (cause instanceof DpirError) return cause;
  if (cause instanceof BeyondBytes) requireBytes(path, cause.size, limits);
  return unreadableInput(path, cause);
}

/**
 * Reads an image's header and checks it against the limits.
 * @throws InputError where the bytes are no image of a known format, LimitError beyond a limit.
 */
export async function openImage(
  bytes: Uint8Array,
  name: string,
  limits: DecodeLimits = {},
): Promise<ImageSource> {
  requireBytes(name, bytes.length, limits);
  return { name, bytes, ...(await readHeader(bytes, rangeReader(bytes), name, limits)) };
}

/** An open image file: all reads are from the same file, even if the path is replaced meanwhile. */
export interface OpenImage extends CheckedHeader {
  /** Name for messages. */
  readonly name: string;
  /** Bytes of the file. */
  readonly size: number;
  /**
   * Input for a decoder that reads the file strip by strip: the path of its descriptor, or its bytes
   * where the system has no such paths.
   */
  readonly input: Uint8Array | string;
  /** All of the file. @throws InputError or LimitError as `readImageFile`. */
  bytes(): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * As `openImage`, for a file that is not read into memory.
 * @throws InputError also where the file cannot be read.
 */
export async function openImageAt(path: string, limits: DecodeLimits = {}): Promise<OpenImage> {
  try {
    const file = await openInput(path);
    try {
      requireBytes(path, file.size, limits);
      const input = file.descriptorPath ?? (await file.bytes(mostBytes(limits)));
      return {
        ...(await readHeader(input, file.read, path, limits)),
        ...{ name: path, size: file.size, input, close: file.close },
        bytes: () =>
          file.bytes(mostBytes(limits)).catch((cause) => {
            throw unreadable(path, cause, limits);
          }),
      };
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (cause) {
    throw unreadable(path, cause, limits);
  }
}

/** Size and kind of an image file. */
export interface ImageHeader {
  readonly format: ReadFormat;
  /** As shown, after the rotation that EXIF asks for. */
  readonly width: number;
  readonly height: number;
  /** 1 or 3, and one more with alpha. */
  readonly channels: number;
  readonly bitDepth: 8 | 16;
  /** Bytes of the file. */
  readonly bytes: number;
}

/**
 * Reads the header of an image file of any size; no pixel is decoded.
 * @throws InputError where the file is missing, empty, cut off within its header or no image;
 * LimitError for an animation, several pages or too many channels.
 */
export async function readImageHeader(path: string): Promise<ImageHeader> {
  const unlimited = { maxPixels: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER };
  const { format, header, size, close } = await openImageAt(path, unlimited);
  await close();
  const { width, height, channels, depth, autoOrient } = header;
  return {
    format,
    width: autoOrient?.width ?? width,
    height: autoOrient?.height ?? height,
    channels,
    bitDepth: depth === 'ushort' ? 16 : 8,
    bytes: size,
  };
}

async function readHeader(
  image: Uint8Array | string,
  read: ReadRange,
  name: string,
  limits: DecodeLimits,
): Promise<CheckedHeader> {
  const head = await read(0, HEAD_BYTES);
  if (head.length === 0) throw new InputError(name, 'the file is empty');
  const format = detectFormat(head);
  if (format === undefined) {
    const other = unsupportedFormat(head);
    const what = other === undefined ? 'this is' : `this is ${other},`;
    throw new InputError(name, `${what} no PNG, JPEG, WebP, TIFF or AVIF image`);
  }
  if (format === 'png') requirePngHead(head, name, limits);
  if (format === 'jpeg') requireScans(name, await countScans(read, MOST_SCANS + 1));
  // The decoder would refuse sides beyond its own bounds as damage.
  const outline = format === 'tiff' ? await tiffOutline(read) : undefined;
  if (outline?.isRaw)
    throw new InputError(
      name,
      "this is a camera's RAW file, which is no finished image; restore it as a burst",
    );
  if (outline !== undefined) requireWithin(name, { ...outline, channels: 1, frames: 1 }, limits);
  const header = await decoding(name, format, () => sharp(image, decoderOptions).metadata());
  requireWithin(name, { ...header, frames: outline?.pages ?? header.pages ?? 1 }, limits);
  if (header.depth !== 'uchar' && header.depth !== 'ushort')
    throw new InputError(
      name,
      `samples of type ${header.depth} are not supported; expected 8 or 16 bits per channel`,
    );
  return { format, header };
}

/** Progressive files of encoders have about ten. */
const MOST_SCANS = 100;

function requireScans(name: string, scans: number): void {
  if (scans > MOST_SCANS)
    throw new LimitError(
      name,
      `the JPEG image has more than ${MOST_SCANS} scans, each of which takes as long as the image`,
    );
}

function requirePngHead(head: Uint8Array, name: string, limits: DecodeLimits): void {
  const damage = pngDamage(head);
  if (damage !== undefined)
    throw new InputError(name, `the PNG data is damaged or cut off (${damage})`);
  requireWithin(name, { ...pngSize(head)!, channels: 1, frames: 1 }, limits);
}

/** Bounds that are checked before any pixel is decoded. */
export interface DecodeLimits {
  /** Width times height, 2^28 unless given. */
  readonly maxPixels?: number | undefined;
  /** Bytes of the file, 2^30 unless given. */
  readonly maxBytes?: number | undefined;
  /** Channels of a pixel, 5 unless given: CMYK with alpha. Those without a meaning are dropped. */
  readonly maxChannels?: number | undefined;
  /** Frames of an animation or pages of a TIFF file, 1 unless given. The first one is read. */
  readonly maxFrames?: number | undefined;
}

const defaults = {
  ...{ maxPixels: MAX_PIXELS, maxBytes: MAX_FILE_BYTES },
  ...{ maxChannels: MAX_CHANNELS, maxFrames: MAX_FRAMES },
};

/** The most bytes that a file may have. */
function mostBytes({ maxBytes = defaults.maxBytes }: DecodeLimits): number {
  return maxBytes;
}

/** @throws LimitError where a file is larger than `maxBytes`. */
function requireBytes(
  name: string,
  size: number,
  { maxBytes = defaults.maxBytes }: DecodeLimits,
): void {
  if (size > maxBytes) throw beyond(name, `the file has ${size} bytes`, 'maxBytes', maxBytes);
}

/** @throws LimitError where the size in a header is beyond a limit. */
function requireWithin(
  name: string,
  image: {
    readonly width: number;
    readonly height: number;
    readonly channels: number;
    readonly frames: number;
  },
  limits: DecodeLimits,
): void {
  const { width, height, channels, frames } = image;
  const { maxPixels = defaults.maxPixels, maxChannels = defaults.maxChannels } = limits;
  const { maxFrames = defaults.maxFrames } = limits;
  if (width * height > maxPixels)
    throw beyond(name, `the image has ${width} x ${height} pixels`, 'maxPixels', maxPixels);
  if (channels > maxChannels)
    throw beyond(name, `a pixel has ${channels} channels`, 'maxChannels', maxChannels);
  if (frames > maxFrames)
    throw beyond(
      name,
      `the file holds ${frames} frames or pages, of which only the first is read`,
      'maxFrames',
      maxFrames,
    );
}

function beyond(name: string, what: string, limit: keyof DecodeLimits, value: number): LimitError {
  return new LimitError(
    name,
    `${what}, the limit is ${value}; raise \`limits.${limit}\` to read it`,
  );
}

// libvips caches files by name, and would return the old pixels of a file that has changed.
sharp.cache(false);

/** Reports damage instead of filling it in; sizes are checked here. */
export const decoderOptions: SharpOptions = {
  failOn: 'truncated',
  limitInputPixels: false,
  limitInputChannels: false,
};

/** Cameras and editors leave bytes between the parts of a JPEG file, which harms no pixel. */
const harmless = /extraneous bytes before marker/;

/**
 * What decoders must fail on for damage to be reported: that of TIFF fills in whatever it cannot
 * read unless errors count, that of JPEG goes on over damage with a warning, and that of PNG is
 * strict with pixels by itself, with errors in what describes them doing no harm.
 */
const strictness: Readonly<Record<ReadFormat, NonNullable<SharpOptions['failOn']>>> = {
  png: 'truncated',
  jpeg: 'warning',
  webp: 'error',
  tiff: 'error',
  avif: 'error',
  heif: 'error',
};

/**
 * Runs a decoder and turns what it throws into an InputError that names the file.
 * @param decode is handed how strict to be.
 */
export async function decoding<T>(
  name: string,
  format: ReadFormat,
  decode: (strictness: SharpOptions) => Promise<T>,
): Promise<T> {
  try {
    try {
      return await decode({ failOn: strictness[format] });
    } catch (error) {
      if (!messageLines(error).every((line) => harmless.test(line))) throw error;
      return await decode({ failOn: 'truncated' });
    }
  } catch (cause) {
    if (cause instanceof DpirError) throw cause;
    const detail = messageLines(cause)[0];
    const message =
      format === 'heif'
        ? `the HEIF image is damaged, or compressed by a codec that the decoder here (libvips ${sharp.versions.vips}) lacks, as those of HEVC are not free (${detail}); save it as AVIF, PNG or TIFF`
        : `the ${format.toUpperCase()} data is damaged or cut off (${detail})`;
    throw new InputError(name, message, { cause });
  }
}

/** How a file is called that a decoder has opened by its descriptor. */
const descriptorName = /\/proc\/self\/fd\/\d+/g;

function messageLines(error: unknown): string[] {
  const text = (error instanceof Error ? error.message : String(error)).replace(
    descriptorName,
    'the file',
  );
  return text.split('\n').filter((line) => line.trim() !== '');
}
