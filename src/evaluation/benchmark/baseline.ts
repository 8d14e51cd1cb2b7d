import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { processToSrgb } from '../../degradation/camera/camera.js';
import { demosaicBilinear } from '../../degradation/camera/mosaic.js';
import type { Burst } from '../../restoration/index.js';
import type { Tensor } from '../../tensor/tensor.js';
import { isBurst } from './load-item.js';

/**
 * What an input is without any network: a picture enlarged bicubically (itself at scale 1), the
 * reference frame of a burst demosaicked bilinearly, enlarged in linear light and developed by its
 * camera.
 * @param input [3, H, W] in [0, 1], or a burst.
 * @param scale pixels of the result for one of the picture, or of the mosaic.
 * @returns [3, H, W] sRGB, in [0, 1].
 */
export function baseline(input: Tensor | Burst, scale: number): Tensor {
  if (!isBurst(input)) return scale === 1 ? input : clamped(resizeBicubic(input, { scale }));
  const colours = demosaicBilinear(referenceOf(input));
  const enlarged = scale === 1 ? colours : resizeBicubic(colours, { scale });
  return processToSrgb(clamped(enlarged), input.camera);
}

function referenceOf({ frames }: Burst): Tensor {
  if (!('data' in frames)) return frames[0]!;
  const shape = frames.shape.slice(1);
  const length = shape.reduce((product, extent) => product * extent, 1);
  return { ...frames, shape, data: frames.data.subarray(0, length) };
}

function clamped(picture: Tensor): Tensor {
  for (let at = 0; at < picture.data.length; at += 1)
    picture.data[at] = Math.min(1, Math.max(0, picture.data[at]!));
  return picture;
}
