import { LimitError } from '../tensor/errors.js';

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

const defaults = { maxPixels: 2 ** 28, maxBytes: 2 ** 30, maxChannels: 5, maxFrames: 1 };

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
  picture: {
    readonly width: number;
    readonly height: number;
    readonly channels: number;
    readonly frames: number;
  },
  limits: DecodeLimits,
): void {
  const { width, height, channels, frames } = picture;
  const { maxPixels = defaults.maxPixels, maxChannels = defaults.maxChannels } = limits;
  const { maxFrames = defaults.maxFrames } = limits;
  if (width * height > maxPixels)
    throw beyond(name, `the picture has ${width} x ${height} pixels`, 'maxPixels', maxPixels);
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
