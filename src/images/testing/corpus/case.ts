import type { Sharp } from 'sharp';
import sharp from 'sharp';
import type { DecodeLimits } from '../../source.js';

/** Whole-numbered samples of a made-up image, as a file would store them. */
export interface Samples {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly bits: number;
  /** Row by row, channels together. */
  readonly values: Uint16Array;
}

/** What reading a file is to give. */
export interface ExpectedImage {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: 8 | 16;
  readonly grey: boolean;
  readonly hasAlpha: boolean;
  /** The value in [0, 1] of a channel: red, green, blue, alpha. */
  readonly at?: (x: number, y: number, channel: number) => number;
  /** Largest difference to it, 1e-6 unless given. */
  readonly tolerance?: number;
  /** The profile, byte by byte; `none` where there is to be none. */
  readonly icc?: Uint8Array | 'none';
  /** Texts that EXIF and XMP are to hold. */
  readonly exif?: string;
  readonly xmp?: string;
}

/** The typed error that reading a file is to end with. */
export interface ExpectedError {
  readonly error: 'input' | 'limit';
  readonly message: RegExp;
}

/** A made-up file and what is to become of it. */
export interface CorpusImage {
  readonly name: string;
  readonly bytes: () => Uint8Array | Promise<Uint8Array>;
  readonly limits?: DecodeLimits;
  readonly expected: ExpectedImage | ExpectedError;
}

/** Samples without order, every one a function of its place. */
export function scattered(width: number, height: number, channels: number, bits: number): Samples {
  const values = new Uint16Array(width * height * channels);
  for (let place = 0; place < values.length; place += 1)
    values[place] = (Math.imul(place + 1, 0x9e3779b1) >>> 8) % 2 ** bits;
  return { width, height, channels, bits, values };
}

/** Samples that rise slowly, which lossy formats keep well. */
export function smooth(width: number, height: number, channels: number, bits = 8): Samples {
  const values = new Uint16Array(width * height * channels);
  for (let place = 0; place < values.length; place += 1) {
    const [pixel, channel] = [Math.floor(place / channels), place % channels];
    const across = (pixel % width) / Math.max(1, width - 1);
    const down = Math.floor(pixel / width) / Math.max(1, height - 1);
    const share = [0.2 + 0.5 * across, 0.3 + 0.4 * down, 0.7 - 0.3 * across, 0.9][channel]!;
    values[place] = Math.round(share * (2 ** bits - 1));
  }
  return { width, height, channels, bits, values };
}

/** What samples in grey or RGB, with alpha or without, are to be read as. */
export function read(samples: Samples): ExpectedImage {
  const { width, height, channels, bits, values } = samples;
  const grey = channels <= 2;
  const hasAlpha = channels % 2 === 0;
  return {
    ...{ width, height, grey, hasAlpha },
    bitDepth: bits === 16 ? 16 : 8,
    at: (x, y, channel) => {
      const own = channel === 3 ? channels - 1 : grey ? 0 : channel;
      return values[(y * width + x) * channels + own]! / (2 ** bits - 1);
    },
  };
}

/** The same image turned as an EXIF orientation asks for. */
export function turned(stored: ExpectedImage, orientation: number): ExpectedImage {
  const { width, height, at } = stored;
  const isTurned = orientation >= 5;
  const place = (x: number, y: number): readonly [number, number] => {
    const [right, bottom] = [width - 1, height - 1];
    switch (orientation) {
      case 2:
        return [right - x, y];
      case 3:
        return [right - x, bottom - y];
      case 4:
        return [x, bottom - y];
      case 5:
        return [y, x];
      case 6:
        return [y, bottom - x];
      case 7:
        return [right - y, bottom - x];
      case 8:
        return [right - y, x];
      default:
        return [x, y];
    }
  };
  return {
    ...stored,
    width: isTurned ? height : width,
    height: isTurned ? width : height,
    ...(at && {
      at: (x: number, y: number, channel: number) => at(...place(x, y), channel),
    }),
  };
}

/** Bytes with some replaced, from a place on. */
export function replaced(bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
}

/** The first share of a file. */
export function cutAt(bytes: Uint8Array, share: number): Uint8Array {
  return bytes.subarray(0, Math.floor(bytes.length * share));
}

/** Samples as the encoder of other people takes them, for formats that have none here. */
export function encoderFor({ width, height, channels, bits, values }: Samples): Sharp {
  const isDeep = bits === 16;
  const data = isDeep ? values : Uint8Array.from(values);
  const raw = { width, height, channels: channels as 1 | 2 | 3 | 4 };
  const made = sharp(data, { raw, limitInputPixels: false });
  const grey = channels <= 2;
  if (isDeep) return made.toColourspace(grey ? 'grey16' : 'rgb16');
  return made.toColourspace(grey ? 'b-w' : 'srgb');
}

/** An encoder that keeps pixels and all metadata of a file as they are. */
export function keepingAll(file: Uint8Array): Sharp {
  return sharp(file).keepIccProfile().keepExif().keepXmp();
}
