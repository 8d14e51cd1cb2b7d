import { open, readFile, stat } from 'node:fs/promises';
import sharp, { type Metadata } from 'sharp';
import { whyUnreadable } from '../files/unreadable.js';
import { DpirError, InputError, LimitError } from '../tensor/errors.js';
import { type DecodeLimits, requireBytes, requireWithin } from './decode-limits.js';
import { decoderOptions, decoding } from './decoding.js';
import { detectFormat, foreignFormat, HEAD_BYTES, type ReadFormat } from './format.js';
import { type ByteReader, bytesReader, fileReader } from './headers/byte-reader.js';
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
  try {
    requireBytes(path, (await stat(path)).size, limits);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof LimitError) throw cause;
    throw new InputError(path, whyUnreadable(cause), { cause });
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
  requireBytes(name, bytes.length, limits);
  return { name, bytes, ...(await readHeader(bytes, bytesReader(bytes), name, limits)) };
}

/**
 * As `openPicture`, for a file that is not read into memory.
 * @throws InputError also where the file cannot be read.
 */
export async function openPictureAt(
  path: string,
  limits: DecodeLimits = {},
): Promise<PictureHeader> {
  const file = await open(path).catch((cause) => {
    throw new InputError(path, whyUnreadable(cause), { cause });
  });
  try {
    requireBytes(path, (await file.stat()).size, limits);
    return await readHeader(path, fileReader(file), path, limits);
  } catch (cause) {
    if (cause instanceof DpirError) throw cause;
    throw new InputError(path, whyUnreadable(cause), { cause });
  } finally {
    await file.close();
  }
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

function requirePngHead(head: Uint8Array, name: string, limits: DecodeLimits): void {
  const damage = pngDamage(head);
  if (damage !== undefined)
    throw new InputError(name, `the PNG data is damaged or cut off (${damage})`);
  requireWithin(name, { ...pngSize(head)!, channels: 1, frames: 1 }, limits);
}
