import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import type { ImageMetadata } from './metadata.js';

/** Interleaved samples of an image. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly samples: Uint8Array | Uint16Array;
}

/** An image whose rows are written later. An ICC profile for other channels is dropped. */
export interface ImageLayout extends Pick<Raster, 'width' | 'height' | 'channels'>, ImageMetadata {
  readonly bitDepth: 8 | 16;
}

/** Writes an image file from samples that come row by row. */
export interface RasterWriter {
  /** The next rows. */
  write(rows: Raster): Promise<void>;
  /** Ends the file and gives it its name. */
  finish(): Promise<void>;
  /** Leaves nothing behind; after `finish` it does nothing. */
  abandon(): Promise<void>;
}

/** Planes of an image, or of some of its rows. */
interface PlanesToQuantise {
  /** [3, H, W] in [0, 1], R G B. */
  readonly tensor: Tensor;
  /** [1, H, W] in [0, 1], not premultiplied. */
  readonly alpha?: Tensor;
  readonly bitDepth: 8 | 16;
  /** One channel, the mean of the three. */
  readonly grey?: boolean;
}

/**
 * The samples of an image.
 * @throws ParameterError for a value that is NaN.
 */
export function rasterOf({ tensor: rgb, alpha, bitDepth, grey }: PlanesToQuantise): Raster {
  const colour = grey ? mean(rgb) : rgb;
  return {
    height: rgb.shape[1]!,
    width: rgb.shape[2]!,
    channels: channelsOf({ grey, hasAlpha: alpha !== undefined }),
    samples: quantise(alpha ? [colour, alpha] : [colour], bitDepth),
  };
}

/** Samples of a pixel. */
export function channelsOf(image: {
  readonly grey?: boolean | undefined;
  readonly hasAlpha: boolean;
}): Raster['channels'] {
  return ((image.grey ? 1 : 3) + (image.hasAlpha ? 1 : 0)) as Raster['channels'];
}

function mean({ shape, data }: Tensor): Tensor {
  const pixels = shape[1]! * shape[2]!;
  const result = tensor([1, shape[1]!, shape[2]!]);
  for (let pixel = 0; pixel < pixels; pixel++)
    result.data[pixel] = (data[pixel]! + data[pixels + pixel]! + data[2 * pixels + pixel]!) / 3;
  return result;
}

/**
 * Interleaved integer samples of planes in [0, 1]: clamped, scaled to 255 or 65535, rounded half
 * up. Planes of several tensors follow one another in each pixel.
 * @param tensors [C, H, W], all of one height and width.
 * @throws ParameterError for a value that is NaN, which no grey level stands for.
 */
export function quantise(tensors: readonly Tensor[], bitDepth: 8 | 16): Uint8Array | Uint16Array {
  const channels = tensors.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const pixels = tensors[0]!.shape[1]! * tensors[0]!.shape[2]!;
  const samples = new (bitDepth === 16 ? Uint16Array : Uint8Array)(pixels * channels);
  const largest = bitDepth === 16 ? 65535 : 255;
  let channel = 0;
  for (const { shape, data } of tensors)
    for (let plane = 0; plane < shape[0]!; plane++, channel++)
      for (let pixel = 0; pixel < pixels; pixel++) {
        const value = data[plane * pixels + pixel]!;
        if (Number.isNaN(value))
          throw new ParameterError(
            'image',
            'numbers',
            `NaN at pixel ${pixel} of channel ${channel}`,
          );
        samples[pixel * channels + channel] = Math.floor(
          Math.min(Math.max(value, 0), 1) * largest + 0.5,
        );
      }
  return samples;
}
