import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { decoderOptions } from './source.js';

/** Bits of a sample once decoded. */
export function bitDepthOf({ depth }: Pick<Metadata, 'depth'>): 8 | 16 {
  return depth === 'ushort' ? 16 : 8;
}

/**
 * How the stored samples of a picture become those that are restored: palettes expanded, CMYK made
 * RGB by its profile, all else as the file has it.
 * @param picture the file's bytes, or its path.
 */
export function decoderPipeline(
  picture: Uint8Array | string,
  header: Pick<Metadata, 'depth' | 'space'>,
  options: SharpOptions = {},
): Sharp {
  const pipeline = sharp(picture, {
    ...decoderOptions,
    ignoreIcc: header.space !== 'cmyk',
    ...options,
  });
  return bitDepthOf(header) === 16
    ? pipeline.pipelineColourspace('rgb16').toColourspace('rgb16')
    : pipeline.toColourspace('srgb');
}
