import sharp, { type Sharp } from 'sharp';
import type { Samples } from './case.js';

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
