import type { Metadata } from 'sharp';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { iccColourSpace, uprightExif } from './metadata.js';
import { bitDepthOf, decoderPipeline } from './pipeline.js';
import { type DecodeLimits, decoding, openPicture, readPictureFile } from './source.js';

/** A decoded picture: upright, with the values that the file stores, not colour-managed. */
export interface DecodedPicture {
  /** [3, H, W] in [0, 1], R G B; a grey picture has three equal channels. */
  readonly tensor: Tensor;
  /** [1, H, W] in [0, 1], not premultiplied; absent where the file has none. */
  readonly alpha?: Tensor;
  readonly bitDepth: 8 | 16;
  readonly grey: boolean;
  /** The profile that gives the values their colour. Absent for CMYK, which becomes sRGB. */
  readonly icc?: Uint8Array;
  /** The EXIF block, its orientation set to upright. */
  readonly exif?: Uint8Array;
}

/** Interleaved R G B bytes, row by row. */
export interface Rgb8 {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Decodes a PNG, JPEG, WebP, TIFF or AVIF file, whatever its extension says. EXIF orientation is
 * applied, palettes are expanded; of several pages or frames the first is taken.
 * @throws InputError where the file is missing, damaged or no such picture; LimitError beyond the
 * limits, which are checked against the header alone.
 */
export async function decodeImage(path: string, limits?: DecodeLimits): Promise<DecodedPicture> {
  return decodeImageBytes(await readPictureFile(path, limits), path, limits);
}

/**
 * As decodeImage, for bytes in memory.
 * @param name of the picture, for messages.
 */
export async function decodeImageBytes(
  bytes: Uint8Array,
  name = 'picture',
  limits?: DecodeLimits,
): Promise<DecodedPicture> {
  const source = await openPicture(bytes, name, limits);
  const { header } = source;
  const bitDepth = bitDepthOf(header);
  const pipeline = decoderPipeline(source.bytes, header, { autoOrient: true }).raw(
    bitDepth === 16 ? { depth: 'ushort' } : {},
  );
  const { data, info } = await decoding(name, source.format, () =>
    pipeline.toBuffer({ resolveWithObject: true }),
  );
  const samples =
    bitDepth === 16 ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  const shape = { height: info.height, width: info.width, channels: info.channels };
  const raster = { ...shape, samples };
  return {
    tensor: colourPlanes(raster),
    ...(header.hasAlpha && { alpha: alphaPlane(raster) }),
    ...metadataOf(header),
  };
}

/** What a header says of a picture besides its pixels. */
export function metadataOf(header: Metadata): Omit<DecodedPicture, 'tensor' | 'alpha'> {
  const { icc, exif } = header;
  const grey = header.channels <= 2;
  const keepsProfile = icc !== undefined && iccColourSpace(icc) === (grey ? 'grey' : 'rgb');
  return {
    bitDepth: bitDepthOf(header),
    grey,
    ...(keepsProfile && { icc: Uint8Array.from(icc) }),
    ...(exif !== undefined && { exif: uprightExif(exif) }),
  };
}

/**
 * Decodes a picture to interleaved 8-bit RGB, the compact form for training data. Orientation is
 * applied, alpha dropped, 16-bit values lose their lower byte.
 * @throws as decodeImage.
 */
export async function decodeRgb8(path: string, limits?: DecodeLimits): Promise<Rgb8> {
  const source = await openPicture(await readPictureFile(path, limits), path, limits);
  const { data, info } = await decoding(path, source.format, () =>
    decoderPipeline(source.bytes, { ...source.header, depth: 'uchar' }, { autoOrient: true })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true }),
  );
  return { width: info.width, height: info.height, data };
}

/** Interleaved samples of a picture or of a part of it. */
interface Samples {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly samples: Uint8Array | Uint16Array;
}

/** R G B in [0, 1] as [3, H, W]; grey three times. */
export function colourPlanes(raster: Samples): Tensor {
  return planes(raster, raster.channels >= 3 ? [0, 1, 2] : [0, 0, 0]);
}

/** The last channel in [0, 1] as [1, H, W]. */
export function alphaPlane(raster: Samples): Tensor {
  return planes(raster, [raster.channels - 1]);
}

function planes({ samples, height, width, channels }: Samples, wanted: readonly number[]): Tensor {
  const pixels = height * width;
  const result = tensor([wanted.length, height, width]);
  const largest = samples instanceof Uint16Array ? 65535 : 255;
  wanted.forEach((channel, plane) => {
    const target = result.data.subarray(plane * pixels, (plane + 1) * pixels);
    for (let pixel = 0; pixel < pixels; pixel++)
      target[pixel] = samples[pixel * channels + channel]! / largest;
  });
  return result;
}
