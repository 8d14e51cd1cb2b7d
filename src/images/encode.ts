import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { writeFileAtomic } from '../files/write-atomic.js';
import type { Tensor } from '../tensor/tensor.js';
import { OutputError, ParameterError } from '../utils/errors.js';
import { iccColourSpace } from './colour/icc-profile.js';
import { formatFromPath, type ImageFormat } from './format.js';
import { requireSegments, withSegments } from './jpeg.js';
import { type ImageMetadata, sizedExif, sizedXmp } from './metadata.js';
import { pngContainer } from './png.js';
import type { Raster } from './raster.js';
import { rasterOf } from './raster.js';

/** An image to be written, in the terms of what was decoded. */
export interface ImageToEncode {
  /** [3, H, W] in [0, 1], R G B. */
  readonly tensor: Tensor;
  /** [1, H, W] in [0, 1], not premultiplied. */
  readonly alpha?: Tensor;
  readonly bitDepth: 8 | 16;
  /** Writes one channel, the mean of the three. */
  readonly grey?: boolean;
  /** Attached as it is, without converting any value; dropped if made for other channels. */
  readonly icc?: Uint8Array;
  readonly exif?: Uint8Array;
  readonly xmp?: Uint8Array;
}

/** How a file is compressed. PNG and TIFF never lose anything. */
export interface EncodeOptions {
  /** 1 to 100 for JPEG and AVIF (95 unless given) and WebP (lossless unless given). */
  readonly quality?: number;
}

/**
 * Writes an image in the format of the path's extension, atomically. Values are clamped to [0, 1]
 * and rounded half up.
 * @throws ParameterError where the format cannot hold the image or a value is NaN; OutputError
 * where the file cannot be written, which leaves nothing behind.
 * @example
 * await writeImage('out.png', { tensor: tensor([3, 1, 1]), bitDepth: 8 });
 */
export async function writeImage(
  path: string,
  image: ImageToEncode,
  options?: EncodeOptions,
): Promise<void> {
  await writeFileAtomic(path, await encodeImage(image, formatFromPath(path), options));
}

/**
 * The bytes of an image file; rules and errors as for writeImage.
 * @example
 * const bytes = await encodeImage({ tensor: tensor([3, 1, 1]), bitDepth: 8 }, 'png');
 */
export async function encodeImage(
  image: ImageToEncode,
  format: ImageFormat,
  options: EncodeOptions = {},
): Promise<Uint8Array> {
  check(image, format, options);
  return encodeRaster(rasterOf(image), image, format, options);
}

/** The bytes of a file of samples whose format is known to hold them. */
export async function encodeRaster(
  raster: Raster,
  { icc, exif, xmp }: Pick<ImageToEncode, 'icc' | 'exif' | 'xmp'>,
  format: ImageFormat,
  options: EncodeOptions = {},
): Promise<Uint8Array> {
  const iccFits =
    icc !== undefined && iccColourSpace(icc) === (raster.channels <= 2 ? 'grey' : 'rgb');
  const bitDepth = raster.samples instanceof Uint16Array ? 16 : 8;
  const described: ImageMetadata = {
    ...(exif !== undefined && { exif: sizedExif(exif, raster) }),
    ...(xmp !== undefined && { xmp: sizedXmp(xmp, raster) }),
  };
  const profile: ImageMetadata = iccFits ? { icc } : {};
  try {
    if (format === 'jpeg') {
      const plain = pipelineOf(raster, bitDepth, profile);
      return withSegments(await compress(plain, format, options).toBuffer(), described);
    }
    const pipeline = pipelineOf(raster, bitDepth, { ...profile, ...described });
    return await compress(pipeline, format, options).toBuffer();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new OutputError(`${format.toUpperCase()} encoder`, detail, { cause });
  }
}

function check(image: ImageToEncode, format: ImageFormat, options: EncodeOptions): void {
  const { shape } = image.tensor;
  const [channels, height, width] = shape;
  if (shape.length !== 3 || channels !== 3 || height === 0 || width === 0)
    throw new ParameterError('image', 'a tensor [3, height, width]', shape);
  const alpha = image.alpha?.shape;
  if (alpha && !(alpha.length === 3 && alpha[0] === 1 && alpha[1] === height && alpha[2] === width))
    throw new ParameterError('alpha', `a tensor [1, ${height}, ${width}]`, alpha);
  if (image.bitDepth === 16 && format !== 'png' && format !== 'tiff')
    throw new ParameterError('format', 'png or tiff for 16 bits per channel', format);
  if (image.alpha && format === 'jpeg')
    throw new ParameterError(
      'format',
      'one that holds alpha',
      format,
      'Use png, tiff, webp or avif.',
    );
  if (format === 'jpeg') requireSegments(image);
  const { quality } = options;
  if (quality !== undefined && !(Number.isInteger(quality) && quality >= 1 && quality <= 100))
    throw new ParameterError('quality', 'an integer from 1 to 100', quality);
}

function pipelineOf(raster: Raster, bitDepth: 8 | 16, metadata: ImageMetadata): Sharp {
  const { width, height, channels, samples } = raster;
  const limits = { limitInputPixels: false } as const;
  const hasMetadata = Object.keys(metadata).length > 0;
  const input = hasMetadata
    ? sharp(pngContainer(raster, metadata), limits).keepIccProfile().keepExif().keepXmp()
    : sharp(samples, { ...limits, raw: { width, height, channels } });
  const grey = channels <= 2;
  if (bitDepth === 8) return input.toColourspace(grey ? 'b-w' : 'srgb');
  return input
    .pipelineColourspace(grey ? 'grey16' : 'rgb16')
    .toColourspace(grey ? 'grey16' : 'rgb16');
}

function compress(pipeline: Sharp, format: ImageFormat, { quality }: EncodeOptions): Sharp {
  switch (format) {
    case 'png':
      return pipeline.png();
    case 'tiff':
      return pipeline.tiff({ compression: 'deflate', predictor: 'horizontal' });
    case 'jpeg':
      return pipeline.jpeg({ quality: quality ?? 95, chromaSubsampling: '4:4:4' });
    case 'webp':
      return pipeline.webp({
        exact: true,
        ...(quality === undefined ? { lossless: true } : { quality }),
      });
    case 'avif':
      return pipeline.avif({ quality: quality ?? 95, chromaSubsampling: '4:4:4' });
  }
}
