import { normalAt, uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { checkColour, checkPositive, clamped } from '../degradation.js';
import {
  applyColourMatrix,
  type ColourMatrix,
  colourMatrixDraws,
  drawColourMatrix,
  invertColourMatrix,
} from './colour-matrix.js';
import { applyToneCurve, compressGamma, expandGamma, invertToneCurve } from './transfer-curves.js';

/** What a camera multiplies its sensor's values by. */
export interface Gains {
  /** Brightening of all channels. */
  readonly rgb: number;
  /** White balance, relative to green. */
  readonly red: number;
  readonly blue: number;
}

/** How many uniform numbers `drawGains` takes; of normal ones it takes one. */
export const gainDraws = 2;

// Grey level from which the inversion of gains gives way.
const inflection = 0.9;

/**
 * Random gains by the laws of Brooks et al. (2019): 1/rgb normal with mean 0.8 and deviation 0.1,
 * red uniform in [1.9, 2.4), blue in [1.5, 1.9).
 *
 * @param index first of the uniform numbers taken.
 * @param normalIndex the normal number taken.
 */
export function drawGains(seed: number, stream: number, index = 0, normalIndex = 0): Gains {
  return {
    rgb: 1 / (0.8 + 0.1 * normalAt(seed, stream, normalIndex)),
    red: 1.9 + 0.5 * uniformAt(seed, stream, index),
    blue: 1.5 + 0.4 * uniformAt(seed, stream, index + 1),
  };
}

/**
 * Brightens and balances, and clamps to [0, 1] as saturation does.
 *
 * @param image [3, H, W] RGB or [4, h, w] RGGB.
 * @throws ParameterError for another shape or a gain that is not positive.
 */
export function applyGains(image: Tensor, gains: Gains): Tensor {
  checkPositive({ ...gains });
  const { rgb, red, blue } = gains;
  const channels = image.shape[0];
  if (image.shape.length !== 3 || (channels !== 3 && channels !== 4))
    throw new ParameterError('image', 'a tensor [3 or 4, height, width]', image.shape);
  const factors = channels === 3 ? [red, 1, blue] : [red, 1, 1, blue];
  const pixels = image.data.length / channels;
  const result = new Float32Array(image.data.length);
  factors.forEach((factor, channel) => {
    const gain = factor * rgb;
    for (let at = channel * pixels; at < (channel + 1) * pixels; at++)
      result[at] = Math.min(Math.max(image.data[at]! * gain, 0), 1);
  });
  return tensor(image.shape, result);
}

/**
 * Divides by the gains without making saturated pixels dark: from a mean of the channels of 0.9 on,
 * the factor of a channel that would be dimmed rises smoothly to 1 at white (Brooks et al. 2019).
 * Below that it is the exact inverse of `applyGains` where that does not clamp.
 *
 * @param image [3, H, W]; the result is not clamped.
 * @throws ParameterError for another shape or a gain that is not positive.
 */
export function invertGainsSafely(image: Tensor, gains: Gains): Tensor {
  checkColour(image);
  checkPositive({ ...gains });
  const factors = [gains.red, 1, gains.blue].map((gain) => 1 / (gain * gains.rgb));
  const { data } = image;
  const pixels = data.length / 3;
  const result = new Float32Array(data.length);
  for (let at = 0; at < pixels; at++) {
    const grey = (data[at]! + data[pixels + at]! + data[2 * pixels + at]!) / 3;
    const mask = (Math.max(grey - inflection, 0) / (1 - inflection)) ** 2;
    for (let channel = 0; channel < 3; channel++) {
      const factor = factors[channel]!;
      const index = channel * pixels + at;
      result[index] = data[index]! * Math.max(mask + (1 - mask) * factor, factor);
    }
  }
  return tensor(image.shape, result);
}

/** What makes one camera's images out of its sensor's values. */
export interface Camera {
  readonly gains: Gains;
  /** Linear sRGB to camera space. */
  readonly rgbToCamera: ColourMatrix;
  /** Camera space to linear sRGB. */
  readonly cameraToRgb: ColourMatrix;
}

/** How many numbers of its stream `drawCamera` takes; further draws may begin there. */
export const cameraDraws = { uniform: colourMatrixDraws + gainDraws, normal: 1 } as const;

/** A random camera: a function of seed and stream. */
export function drawCamera(seed: number, stream: number): Camera {
  const rgbToCamera = drawColourMatrix(seed, stream);
  return {
    gains: drawGains(seed, stream, colourMatrixDraws),
    rgbToCamera,
    cameraToRgb: invertColourMatrix(rgbToCamera),
  };
}

/**
 * sRGB to linear sensor colours, the unprocessing of Brooks et al. (2019) in the burst protocol:
 * tone curve, gamma, colour matrix and gains undone in this order, then clamped to [0, 1].
 *
 * @param image [3, H, W] in [0, 1].
 * @throws ParameterError for another shape or a camera out of range.
 */
export function unprocess(image: Tensor, { gains, rgbToCamera }: Camera): Tensor {
  const linear = expandGamma(invertToneCurve(image));
  return clamped(invertGainsSafely(applyColourMatrix(linear, rgbToCamera), gains));
}

/**
 * Linear sensor colours to sRGB, the post-processing of the burst protocol: gains, colour matrix,
 * gamma, tone curve, then clamped to [0, 1]. As in the protocol nothing is clamped between matrix
 * and tone curve, so that colours the matrix lifts above 1 come out a little darker than white.
 *
 * @param image [3, H, W] in [0, 1].
 * @throws ParameterError for another shape or a camera out of range.
 */
export function processToSrgb(image: Tensor, { gains, cameraToRgb }: Camera): Tensor {
  const linear = applyColourMatrix(applyGains(image, gains), cameraToRgb);
  return clamped(applyToneCurve(compressGamma(linear)));
}
