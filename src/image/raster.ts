import { type Tensor, tensor } from '../tensor/tensor.js';
import type { Raster } from './png-container.js';
import { quantise } from './quantise.js';

/** Planes of a picture, or of some of its rows. */
export interface PlanesToQuantise {
  /** [3, H, W] in [0, 1], R G B. */
  readonly tensor: Tensor;
  /** [1, H, W] in [0, 1], not premultiplied. */
  readonly alpha?: Tensor;
  readonly bitDepth: 8 | 16;
  /** One channel, the mean of the three. */
  readonly grey?: boolean;
}

/**
 * The samples of a picture.
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
export function channelsOf(picture: {
  readonly grey?: boolean | undefined;
  readonly hasAlpha: boolean;
}): Raster['channels'] {
  return ((picture.grey ? 1 : 3) + (picture.hasAlpha ? 1 : 0)) as Raster['channels'];
}

function mean({ shape, data }: Tensor): Tensor {
  const pixels = shape[1]! * shape[2]!;
  const result = tensor([1, shape[1]!, shape[2]!]);
  for (let pixel = 0; pixel < pixels; pixel++)
    result.data[pixel] = (data[pixel]! + data[pixels + pixel]! + data[2 * pixels + pixel]!) / 3;
  return result;
}
