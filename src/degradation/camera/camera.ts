import type { Tensor } from '../../tensor/tensor.js';
import {
  applyColourMatrix,
  type ColourMatrix,
  colourMatrixDraws,
  drawColourMatrix,
  invertColourMatrix,
} from './colour-matrix.js';
import { applyGains, drawGains, type Gains, gainDraws, invertGainsSafely } from './gains.js';
import { compressGamma, expandGamma } from './gamma.js';
import { applyToneCurve, invertToneCurve } from './tone-curve.js';

/** What makes one camera's pictures out of its sensor's values. */
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

function clamped(image: Tensor): Tensor {
  for (let at = 0; at < image.data.length; at++)
    image.data[at] = Math.min(Math.max(image.data[at]!, 0), 1);
  return image;
}
