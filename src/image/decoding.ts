import sharp, { type SharpOptions } from 'sharp';
import { DpirError, InputError } from '../tensor/errors.js';
import type { ReadFormat } from './format.js';

/** Damage must be reported rather than filled in; the size has its own check. */
export const decoderOptions: SharpOptions = { failOn: 'truncated', limitInputPixels: false };

/** Cameras and editors leave bytes between the parts of a JPEG file, which harms no pixel. */
const harmless = /extraneous bytes before marker/;

/**
 * Runs a decoder and turns what it throws into an InputError that names the file.
 * @param decode is handed how strict to be. JPEG decoders go on over damage with a warning, so
 * warnings are failures there, unless they are harmless.
 */
export async function decoding<T>(
  name: string,
  format: ReadFormat,
  decode: (strictness: SharpOptions) => Promise<T>,
): Promise<T> {
  const lenient = { failOn: 'truncated' } as const;
  try {
    if (format !== 'jpeg') return await decode(lenient);
    try {
      return await decode({ failOn: 'warning' });
    } catch (error) {
      if (!messageLines(error).every((line) => harmless.test(line))) throw error;
      return await decode(lenient);
    }
  } catch (cause) {
    if (cause instanceof DpirError) throw cause;
    const detail = messageLines(cause)[0];
    const message =
      format === 'heif'
        ? `the HEIF picture is damaged, or compressed by a codec that the decoder here (libvips ${sharp.versions.vips}) lacks, as those of HEVC are not free (${detail}); save it as AVIF, PNG or TIFF`
        : `the ${format.toUpperCase()} data is damaged or cut off (${detail})`;
    throw new InputError(name, message, { cause });
  }
}

function messageLines(error: unknown): string[] {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n').filter((line) => line.trim() !== '');
}
