import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { decoderOptions } from './decoding.js';

/** Bits of a sample once decoded. */
export function bitDepthOf({ depth }: Pick<Metadata, 'depth'>): 8 | 16 {
  return depth === 'ushort' ? 16 : 8;
}

/** Whether pixels are inks, which become light before they are restored. */
export function isCmyk({ space }: Pick<Metadata, 'space'>): boolean {
  return space === 'cmyk';
}

/**
 * How the stored samples of a picture become those that are restored: palettes expanded, all else
 * as the file has it. Inks become light by their profile: Display P3, which loses few of their
 * colours, or sRGB where samples have 16 bits, for which the decoder has no other way.
 * @param picture the file's bytes, or its path.
 */
export function decoderPipeline(
  picture: Uint8Array | string,
  header: Pick<Metadata, 'depth' | 'space'>,
  options: SharpOptions = {},
): Sharp {
  const inks = isCmyk(header);
  const pipeline = sharp(picture, { ...decoderOptions, ignoreIcc: !inks, ...options });
  if (bitDepthOf(header) === 16)
    return pipeline.pipelineColourspace(inks ? 'cmyk' : 'rgb16').toColourspace('rgb16');
  if (!inks) return pipeline.toColourspace('srgb');
  return pipeline
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .withIccProfile('p3', { attach: false });
}
