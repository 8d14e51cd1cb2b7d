import sharp, { type SharpOptions } from 'sharp';
import { DpirError, InputError } from '../tensor/errors.js';
import type { ReadFormat } from './format.js';

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
        ? `the HEIF picture is damaged, or compressed by a codec that the decoder here (libvips ${sharp.versions.vips}) lacks, as those of HEVC are not free (${detail}); save it as AVIF, PNG or TIFF`
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
