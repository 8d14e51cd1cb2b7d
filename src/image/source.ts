import { open, readFile, stat } from 'node:fs/promises';
import sharp, { type Metadata, type SharpOptions } from 'sharp';
import { DpirError, InputError, LimitError } from '../tensor/errors.js';
import { detectFormat, type PictureFormat } from './format.js';

/** Bounds that are checked before any pixel is decoded. */
export interface DecodeLimits {
  /** Width times height, 2^28 unless given. */
  readonly maxPixels?: number;
  /** Bytes of the file, 2^30 unless given. */
  readonly maxBytes?: number;
}

/** What a picture's header says, read and found acceptable. */
export interface PictureHeader {
  readonly format: PictureFormat;
  readonly header: Metadata;
}

/** A file whose header has been read and found acceptable. */
export interface PictureSource extends PictureHeader {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const defaultMaxPixels = 2 ** 28;
const defaultMaxBytes = 2 ** 30;
/** Bytes that tell the formats apart. */
const HEAD_BYTES = 32;

/**
 * The bytes of a picture file.
 * @throws InputError where it cannot be read, LimitError where it is larger than `maxBytes`.
 */
export async function readPictureFile(
  path: string,
  limits: DecodeLimits = {},
): Promise<Uint8Array> {
  try {
    checkBytes(path, (await stat(path)).size, limits);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof LimitError) throw cause;
    throw new InputError(path, unreadable(cause), { cause });
  }
}

/**
 * Reads a picture's header and checks it against the limits.
 * @throws InputError where the bytes are no picture of a known format, LimitError beyond a limit.
 */
export async function openPicture(
  bytes: Uint8Array,
  name: string,
  limits: DecodeLimits = {},
): Promise<PictureSource> {
  checkBytes(name, bytes.length, limits);
  return { name, bytes, ...(await readHeader(bytes, bytes, name, limits)) };
}

/**
 * As `openPicture`, for a file that is not read into memory.
 * @throws InputError also where the file cannot be read.
 */
export async function openPictureAt(
  path: string,
  limits: DecodeLimits = {},
): Promise<PictureHeader> {
  const head = Buffer.alloc(HEAD_BYTES);
  let length = 0;
  try {
    const file = await open(path);
    try {
      checkBytes(path, (await file.stat()).size, limits);
      length = (await file.read(head, 0, HEAD_BYTES, 0)).bytesRead;
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof LimitError) throw cause;
    throw new InputError(path, unreadable(cause), { cause });
  }
  return readHeader(path, head.subarray(0, length), path, limits);
}

async function readHeader(
  picture: Uint8Array | string,
  head: Uint8Array,
  name: string,
  limits: DecodeLimits,
): Promise<PictureHeader> {
  if (head.length === 0) throw new InputError(name, 'the file is empty');
  const format = detectFormat(head);
  if (format === undefined)
    throw new InputError(name, 'this is no PNG, JPEG, WebP, TIFF or AVIF picture');
  const header = await decoding(name, format, () => sharp(picture, decoderOptions).metadata());
  const { width, height } = header;
  const maxPixels = limits.maxPixels ?? defaultMaxPixels;
  if (width * height > maxPixels)
    throw new LimitError(
      name,
      `the picture has ${width} x ${height} pixels, the limit is ${maxPixels}; raise maxPixels to read it`,
    );
  if (header.depth !== 'uchar' && header.depth !== 'ushort')
    throw new InputError(
      name,
      `samples of type ${header.depth} are not supported; expected 8 or 16 bits per channel`,
    );
  return { format, header };
}

/** Damage must be reported rather than filled in; the size has its own check. */
export const decoderOptions: SharpOptions = { failOn: 'truncated', limitInputPixels: false };

/** Runs a decoder and turns what it throws into an InputError that names the file. */
export async function decoding<T>(
  name: string,
  format: PictureFormat,
  decode: () => Promise<T>,
): Promise<T> {
  try {
    return await decode();
  } catch (cause) {
    if (cause instanceof DpirError) throw cause;
    const detail = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new InputError(
      name,
      `the ${format.toUpperCase()} data is damaged or cut off (${detail})`,
      {
        cause,
      },
    );
  }
}

function checkBytes(name: string, size: number, limits: DecodeLimits): void {
  const maxBytes = limits.maxBytes ?? defaultMaxBytes;
  if (size > maxBytes)
    throw new LimitError(
      name,
      `the file has ${size} bytes, the limit is ${maxBytes}; raise maxBytes to read it`,
    );
}

function unreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'the file does not exist';
  if (code === 'EISDIR') return 'this is a folder, expected a picture file';
  if (code === 'EACCES' || code === 'EPERM') return 'the file cannot be read: permission denied';
  return `the file cannot be read (${error instanceof Error ? error.message : String(error)})`;
}
