import { openInput } from '../files/input-file.js';
import { whyUnreadable } from '../files/unreadable.js';
import { openPicture, type PictureSource, readPictureFile } from '../image/source.js';
import { InputError } from '../tensor/errors.js';

/** What the header of a picture file says. */
export interface PictureHeader {
  /** As shown, after the turn that EXIF asks for. */
  readonly width: number;
  readonly height: number;
  /** 1 or 3, and one more with alpha. */
  readonly channels: number;
  readonly bitDepth: 8 | 16;
  /** Bytes of the file. */
  readonly bytes: number;
}

const headLength = 2 ** 18;

/**
 * Reads the header of a picture, from the beginning of the file where that is enough.
 * @throws InputError where the file is missing, empty, cut off within its header or no picture.
 */
export async function readPictureHeader(path: string): Promise<PictureHeader> {
  const { head, bytes } = await readHead(path);
  const source = await openHead(path, head, bytes);
  const { width, height, channels, depth, autoOrient } = source.header;
  return {
    width: autoOrient?.width ?? width,
    height: autoOrient?.height ?? height,
    channels,
    bitDepth: depth === 'ushort' ? 16 : 8,
    bytes,
  };
}

/** Some formats keep their directory at the end: for these the whole file is read. */
async function openHead(path: string, head: Uint8Array, bytes: number): Promise<PictureSource> {
  const limits = { maxPixels: Number.MAX_SAFE_INTEGER };
  try {
    return await openPicture(head, path, limits);
  } catch (error) {
    if (head.length === bytes) throw error;
    return openPicture(await readPictureFile(path), path, limits);
  }
}

async function readHead(path: string): Promise<{ head: Uint8Array; bytes: number }> {
  try {
    const file = await openInput(path);
    try {
      return { head: await file.read(0, Math.min(file.size, headLength)), bytes: file.size };
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new InputError(path, whyUnreadable(cause), { cause });
  }
}
