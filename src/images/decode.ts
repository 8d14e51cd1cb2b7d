import type { Metadata, Sharp, SharpOptions } from 'sharp';
import sharp from 'sharp';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { iccColourSpace } from './colour/icc-profile.js';
import { displayP3 } from './colour/rgb-profile.js';
import { uprightExif, uprightXmp } from './metadata.js';
import {
  type DecodeLimits,
  decoderOptions,
  decoding,
  type ImageSource,
  type OpenImage,
  openImage,
  readImageFile,
} from './source.js';

/** A decoded image: upright, with the values that the file stores, not colour-managed. */
export interface DecodedImage {
  /** [3, H, W] in [0, 1], R G B; a grey image has three equal channels. */
  readonly tensor: Tensor;
  /** [1, H, W] in [0, 1], not premultiplied; absent where the file has none. */
  readonly alpha?: Tensor;
  readonly bitDepth: 8 | 16;
  readonly grey: boolean;
  /** The profile that gives the values their colour; of CMYK, that of the RGB it became. */
  readonly icc?: Uint8Array;
  /** The EXIF block, its orientation set to upright and without a thumbnail. */
  readonly exif?: Uint8Array;
  /** The XMP packet, its orientation set to upright. */
  readonly xmp?: Uint8Array;
}

/** Interleaved R G B bytes, row by row. */
export interface Rgb8 {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Decodes a PNG, JPEG, WebP, TIFF or AVIF image, or HEIF where the decoder has its codec, whatever
 * its extension says. EXIF orientation is applied, palettes are expanded.
 * @param source the bytes of an image file, or its path.
 * @throws InputError where the file is missing, damaged or no such image; LimitError beyond the
 * limits, which are checked against the header alone.
 * @example
 * const photo = await decodeImage('photo.png');
 * console.log(photo.tensor.shape, photo.bitDepth);
 */
export async function decodeImage(
  source: string | Uint8Array,
  limits?: DecodeLimits,
): Promise<DecodedImage> {
  if (typeof source !== 'string') return decodeImageBytes(source, 'image', limits);
  return decodeImageBytes(await readImageFile(source, limits), source, limits);
}

/**
 * As decodeImage, for bytes in memory.
 * @param name of the image, for messages.
 */
export async function decodeImageBytes(
  bytes: Uint8Array,
  name = 'image',
  limits?: DecodeLimits,
): Promise<DecodedImage> {
  return decodeSource(await openImage(bytes, name, limits));
}

/** As decodeImage, for an open file whose header has been read and checked. */
export async function decodeOpened(file: OpenImage): Promise<DecodedImage> {
  const { name, format, header } = file;
  return decodeSource({ name, format, header, bytes: await file.bytes() });
}

async function decodeSource({ name, format, header, bytes }: ImageSource): Promise<DecodedImage> {
  const bitDepth = bitDepthOf(header);
  const { data, info } = await decoding(name, format, (strictness) =>
    decoderPipeline(bytes, header, { autoOrient: true, ...strictness })
      .raw(bitDepth === 16 ? { depth: 'ushort' } : {})
      .toBuffer({ resolveWithObject: true }),
  );
  const samples =
    bitDepth === 16 ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  scaleLevels(samples, header);
  const shape = { height: info.height, width: info.width, channels: info.channels };
  const raster = { ...shape, samples };
  return {
    tensor: colourPlanes(raster),
    ...(header.hasAlpha && { alpha: alphaPlane(raster) }),
    ...metadataOf(header),
  };
}

/** Bit depth, profile and metadata of an image, from its header. */
export function metadataOf(header: Metadata): Omit<DecodedImage, 'tensor' | 'alpha'> {
  const { exif, xmp } = header;
  const grey = isGrey(header);
  const icc = isCmyk(header) ? profileOfInks(header) : header.icc;
  const keepsProfile = icc !== undefined && iccColourSpace(icc) === (grey ? 'grey' : 'rgb');
  return {
    bitDepth: bitDepthOf(header),
    grey,
    ...(keepsProfile && { icc: Uint8Array.from(icc) }),
    ...(exif !== undefined && { exif: uprightExif(exif) }),
    ...(xmp !== undefined && { xmp: uprightXmp(xmp) }),
  };
}

function isGrey({ space, channels }: Metadata): boolean {
  return channels <= 2 || space === 'b-w' || space === 'grey16';
}

/** What `decoderPipeline` makes of inks. */
function profileOfInks(header: Metadata): Uint8Array | undefined {
  return bitDepthOf(header) === 8 ? displayP3() : undefined;
}

/**
 * Decodes an image to interleaved 8-bit RGB, the compact form for training data. Orientation is
 * applied, alpha dropped, 16-bit values lose their lower byte.
 * @throws as decodeImage.
 */
export async function decodeRgb8(path: string, limits?: DecodeLimits): Promise<Rgb8> {
  const source = await openImage(await readImageFile(path, limits), path, limits);
  const { header } = source;
  const { data, info } = await decoding(path, source.format, (strictness) =>
    sharp(source.bytes, {
      ...decoderOptions,
      ...strictness,
      autoOrient: true,
      ignoreIcc: !isCmyk(header),
    })
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true }),
  );
  return { width: info.width, height: info.height, data };
}

/** Interleaved samples of an image or of a part of it. */
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

/** Bits of a sample once decoded. */
function bitDepthOf({ depth }: Pick<Metadata, 'depth'>): 8 | 16 {
  return depth === 'ushort' ? 16 : 8;
}

/** Whether pixels are inks, which become light before they are restored. */
function isCmyk({ space }: Pick<Metadata, 'space'>): boolean {
  return space === 'cmyk';
}

/**
 * How the stored samples of an image become those that are restored: palettes expanded, all else
 * as the file has it. Inks become light by their profile: Display P3, which loses few of their
 * colours, or sRGB where samples have 16 bits, for which the decoder has no other way.
 * @param image the file's bytes, or its path.
 */
export function decoderPipeline(
  image: Uint8Array | string,
  header: Pick<Metadata, 'depth' | 'space'>,
  options: SharpOptions = {},
): Sharp {
  const inks = isCmyk(header);
  const pipeline = sharp(image, { ...decoderOptions, ignoreIcc: !inks, ...options });
  if (bitDepthOf(header) === 16)
    return pipeline.pipelineColourspace(inks ? 'cmyk' : 'rgb16').toColourspace('rgb16');
  if (!inks) return pipeline.toColourspace('srgb');
  return pipeline
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .withIccProfile('p3', { attach: false });
}

/**
 * Brings samples of 10 or 12 bits, which the decoder leaves in the upper bits of 16, to the range
 * of 16 bits in place, so that white is 65535.
 */
export function scaleLevels(
  samples: Uint8Array | Uint16Array,
  { depth, bitsPerSample = 16 }: Pick<Metadata, 'depth' | 'bitsPerSample'>,
): void {
  if (depth !== 'ushort' || bitsPerSample <= 8 || bitsPerSample >= 16) return;
  const shift = 16 - bitsPerSample;
  const largest = 2 ** bitsPerSample - 1;
  for (let at = 0; at < samples.length; at += 1)
    samples[at] = Math.round(((samples[at]! >> shift) * 65535) / largest);
}
