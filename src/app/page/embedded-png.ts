import { readInput, whyUnreadable } from '../../files/input-file.js';
import { InputError } from '../../tensor/errors.js';

/** A PNG that a page can carry within itself. */
export interface EmbeddedPng {
  readonly width: number;
  readonly height: number;
  /** A data URI. */
  readonly source: string;
}

/** A page of more is of no use to anybody. */
const MOST_BYTES = 2 ** 28;

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * A PNG as a data URI of the very same bytes.
 * @param png its bytes, or the path of its file.
 * @param name for messages.
 * @throws InputError where the file cannot be read or is no PNG.
 */
export async function embedPng(png: Uint8Array | string, name: string): Promise<EmbeddedPng> {
  const bytes = Buffer.from(typeof png === 'string' ? await load(png) : png);
  if (bytes.length < 24 || signature.some((byte, index) => bytes[index] !== byte))
    throw new InputError(name, 'expected a PNG image');
  return {
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    source: `data:image/png;base64,${bytes.toString('base64')}`,
  };
}

async function load(path: string): Promise<Uint8Array> {
  try {
    return await readInput(path, MOST_BYTES);
  } catch (cause) {
    throw new InputError(path, whyUnreadable(cause), { cause });
  }
}
