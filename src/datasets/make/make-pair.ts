import type { Degradation } from '../../degradation/degradation.js';
import type { Tensor } from '../../tensor/tensor.js';
import { cropped } from '../../tensor/window.js';
import { drawCrop, widened } from './crop.js';

/** What an example is made of. */
export interface ExampleSource {
  /** [3, H, W] sRGB in [0, 1]. */
  readonly picture: Tensor;
  /** For messages. */
  readonly file: string;
  /** Side of a square target; as much of the picture as there is, unless given. */
  readonly size?: number;
}

/**
 * A degraded picture with its target. A crop is degraded with its surroundings as far as these
 * matter, so that its border looks like any other part.
 *
 * @returns `input` [3, H / scale, W / scale] and `target` [3, H, W].
 * @throws InputError where the picture is too small.
 */
export function makePair(
  { picture, file, size }: ExampleSource,
  degradation: Degradation,
  place: { readonly seed: number; readonly index: number },
): { readonly input: Tensor; readonly target: Tensor } {
  const { scale } = degradation;
  const crop = drawCrop(picture, place, { ...(size !== undefined && { size }), step: scale, file });
  const around = widened(crop, Math.ceil(degradation.margin / scale) * scale, picture);
  const degraded = degradation.apply(cropped(picture, around), place);
  const input = cropped(degraded, {
    left: (crop.left - around.left) / scale,
    top: (crop.top - around.top) / scale,
    width: crop.width / scale,
    height: crop.height / scale,
  });
  return { input, target: cropped(picture, crop) };
}
