import type { Metadata, SharpOptions } from 'sharp';
import sharp from 'sharp';
import { BeyondBytes, openInput, readInput, unreadableInput } from '../files/input-file.js';
import { DpirError, InputError, LimitError } from '../utils/errors.js';
import { MAX_CHANNELS, MAX_FILE_BYTES, MAX_FRAMES, MAX_PIXELS } from '../utils/limits.js';
import {
  type ByteReader,
  bytesReader,
  detectFormat,
  foreignFormat,
  HEAD_BYTES,
  type ReadFormat,
} from './format.js';
import { countScans } from './jpeg.js';
import { pngDamage, pngSize } from './png.js';
import { tiffOutline } from './tiff.js';

/** What an image's header says, read and found acceptable. */
export interface ImageHeader {
  readonly format: ReadFormat;
  readonly header: Metadata;
}

/** A file whose header has been read and found acceptable. */
export interface ImageSource extends ImageHeader {
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

/** What to throw where an image's file could not be read. */
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
  return { name, bytes, ...(await readHeader(bytes, bytesReader(bytes), name, limits)) };
}

/** An image's file that stays open, so that all that is read of it is of one file. */
export interface OpenImage extends ImageHeader {
  /** What messages call it. */
  readonly name: string;
  /**
   * What a decoder reads that goes through the file strip by strip: the open file by its descriptor,
   * or its bytes where the system gives descriptors no names.
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
        ...{ name: path, input, close: file.close },
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

/** The header of a file that is not read into memory. @throws as `openImageAt`. */
export async function readHeaderAt(path: string, limits?: DecodeLimits): Promise<ImageHeader> {
  const { format, header, close } = await openImageAt(path, limits);
  await close();
  return { format, header };
}

async function readHeader(
  image: Uint8Array | string,
  read: ByteReader,
  name: string,
  limits: DecodeLimits,
): Promise<ImageHeader> {
  const head = await read(0, HEAD_BYTES);
  if (head.length === 0) throw new InputError(name, 'the file is empty');
  const format = detectFormat(head);
  if (format === undefined) {
    const other = foreignFormat(head);
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
export function mostBytes({ maxBytes = defaults.maxBytes }: DecodeLimits): number {
  return maxBytes;
}

/** @throws LimitError where a file is larger than `maxBytes`. */
export function requireBytes(
  name: string,
  size: number,
  { maxBytes = defaults.maxBytes }: DecodeLimits,
): void {
  if (size > maxBytes) throw beyond(name, `the file has ${size} bytes`, 'maxBytes', maxBytes);
}

/** @throws LimitError where what a header says is beyond a limit. */
export function requireWithin(
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

// libvips keeps what it opened by name, and would give a file's pixels after the file has changed.
sharp.cache(false);

/** Damage must be reported rather than filled in; sizes have their own checks. */
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
