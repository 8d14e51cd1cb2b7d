import type { Degradation } from '../degradation/degradation.js';
import { integerAt } from '../tensor/random.js';
import type { Tensor } from '../tensor/tensor.js';
import { cropped, multipleOf, type Rectangle } from '../tensor/window.js';
import { InputError } from '../utils/errors.js';

/** What an example is made of. */
interface ExampleSource {
  /** [3, H, W] sRGB in [0, 1]. */
  readonly image: Tensor;
  /** For messages. */
  readonly file: string;
  /** Side of a square target; as much of the image as there is, unless given. */
  readonly size?: number;
}

/**
 * A degraded image with its target. A crop is degraded with its surroundings as far as these
 * matter, so that its border looks like any other part.
 *
 * @returns `input` [3, H / scale, W / scale] and `target` [3, H, W].
 * @throws InputError where the image is too small.
 */
export function makePair(
  { image, file, size }: ExampleSource,
  degradation: Degradation,
  draw: { readonly seed: number; readonly index: number },
): { readonly input: Tensor; readonly target: Tensor } {
  const { scale } = degradation;
  const crop = drawCrop(image, draw, { ...(size !== undefined && { size }), step: scale, file });
  const around = widened(crop, Math.ceil(degradation.margin / scale) * scale, image);
  const degraded = degradation.apply(cropped(image, around), draw);
  const input = cropped(degraded, {
    left: (crop.left - around.left) / scale,
    top: (crop.top - around.top) / scale,
    width: crop.width / scale,
    height: crop.height / scale,
  });
  return { input, target: cropped(image, crop) };
}

/** Numbers of crops apart from those that degradations draw. */
const cropStream = 0x63726f70;

/**
 * The part of an image that an example is made of: a square at a random position, a function of seed
 * and index, or as much as there is from the top left where no size is asked for. Place and sides
 * are multiples of `step`.
 * @param image [3, H, W].
 * @throws InputError where the image is too small.
 */
export function drawCrop(
  image: Tensor,
  { seed, index }: { readonly seed: number; readonly index: number },
  { size, step, file }: { readonly size?: number; readonly step: number; readonly file: string },
): Rectangle {
  const [, height = 0, width = 0] = image.shape;
  const side = size ?? step;
  if (width < side || height < side)
    throw new InputError(
      file,
      `is ${width} x ${height} pixels, expected at least ${side} x ${side}${size === undefined ? '' : ', the `size` asked for'}`,
    );
  if (size === undefined) return multipleOf(step, image);
  const draw = (which: number, extent: number): number =>
    step * integerAt(seed, cropStream, 2 * index + which, Math.floor((extent - size) / step) + 1);
  return { left: draw(0, width), top: draw(1, height), width: size, height: size };
}

/** A rectangle with a margin on all sides, as far as the image reaches. */
function widened(
  { left, top, width, height }: Rectangle,
  margin: number,
  image: Tensor,
): Rectangle {
  const [, fullHeight = 0, fullWidth = 0] = image.shape;
  const from = { left: Math.max(0, left - margin), top: Math.max(0, top - margin) };
  return {
    ...from,
    width: Math.min(fullWidth, left + width + margin) - from.left,
    height: Math.min(fullHeight, top + height + margin) - from.top,
  };
}
