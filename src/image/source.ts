import sharp, { type Metadata } from 'sharp';
import { BeyondBytes, openInput, readInput } from '../files/input-file.js';
import { whyUnreadable } from '../files/unreadable.js';
import { DpirError, InputError, LimitError } from '../tensor/errors.js';
import { type DecodeLimits, mostBytes, requireBytes, requireWithin } from './decode-limits.js';
import { decoderOptions, decoding } from './decoding.js';
import { detectFormat, foreignFormat, HEAD_BYTES, type ReadFormat } from './format.js';
import { type ByteReader, bytesReader } from './headers/byte-reader.js';
import { countScans } from './headers/jpeg-scans.js';
import { pngDamage, pngSize } from './headers/png-head.js';
import { tiffOutline } from './headers/tiff-outline.js';

export type { DecodeLimits } from './decode-limits.js';
export { decoderOptions, decoding } from './decoding.js';

/** What a picture's header says, read and found acceptable. */
export interface PictureHeader {
  readonly format: ReadFormat;
  readonly header: Metadata;
}

/** A file whose header has been read and found acceptable. */
export interface PictureSource extends PictureHeader {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The bytes of a picture file.
 * @throws InputError where it cannot be read, LimitError where it is larger than `maxBytes`.
 */
export async function readPictureFile(
  path: string,
  limits: DecodeLimits = {},
): Promise<Uint8Array> {
  return readInput(path, mostBytes(limits)).catch((cause) => {
    throw unreadable(path, cause, limits);
  });
}

/** What to throw where a picture's file could not be read. */
function unreadable(path: string, cause: unknown, limits: DecodeLimits): unknown {
  if (cause instanceof DpirError) return cause;
  if (cause instanceof BeyondBytes) requireBytes(path, cause.size, limits);
  return new InputError(path, whyUnreadable(cause), { cause });
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
  requireBytes(name, bytes.length, limits);
  return { name, bytes, ...(await readHeader(bytes, bytesReader(bytes), name, limits)) };
}

/** A picture's file that stays open, so that all that is read of it is of one file. */
export interface OpenPicture extends PictureHeader {
  /** What messages call it. */
  readonly name: string;
  /**
   * What a decoder reads that goes through the file strip by strip: the open file by its descriptor,
   * or its bytes where the system gives descriptors no names.
   */
  readonly input: Uint8Array | string;
  /** All of the file. @throws InputError or LimitError as `readPictureFile`. */
  bytes(): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * As `openPicture`, for a file that is not read into memory.
 * @throws InputError also where the file cannot be read.
 */
export async function openPictureAt(path: string, limits: DecodeLimits = {}): Promise<OpenPicture> {
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

/** The header of a file that is not read into memory. @throws as `openPictureAt`. */
export async function readHeaderAt(path: string, limits?: DecodeLimits): Promise<PictureHeader> {
  const { format, header, close } = await openPictureAt(path, limits);
  await close();
  return { format, header };
}

async function readHeader(
  picture: Uint8Array | string,
  read: ByteReader,
  name: string,
  limits: DecodeLimits,
): Promise<PictureHeader> {
  const head = await read(0, HEAD_BYTES);
  if (head.length === 0) throw new InputError(name, 'the file is empty');
  const format = detectFormat(head);
  if (format === undefined) {
    const other = foreignFormat(head);
    const what = other === undefined ? 'this is' : `this is ${other},`;
    throw new InputError(name, `${what} no PNG, JPEG, WebP, TIFF or AVIF picture`);
  }
  if (format === 'png') requirePngHead(head, name, limits);
  if (format === 'jpeg') requireScans(name, await countScans(read, MOST_SCANS + 1));
  // The decoder would refuse sides beyond its own bounds as damage.
  const outline = format === 'tiff' ? await tiffOutline(read) : undefined;
  if (outline?.isRaw)
    throw new InputError(
      name,
      "this is a camera's RAW file, which is no finished picture; restore it as a burst",
    );
  if (outline !== undefined) requireWithin(name, { ...outline, channels: 1, frames: 1 }, limits);
  const header = await decoding(name, format, () => sharp(picture, decoderOptions).metadata());
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
      `the JPEG picture has more than ${MOST_SCANS} scans, each of which takes as long as the picture`,
    );
}

function requirePngHead(head: Uint8Array, name: string, limits: DecodeLimits): void {
  const damage = pngDamage(head);
  if (damage !== undefined)
    throw new InputError(name, `the PNG data is damaged or cut off (${damage})`);
  requireWithin(name, { ...pngSize(head)!, channels: 1, frames: 1 }, limits);
}
