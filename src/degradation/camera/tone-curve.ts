import { type Tensor, tensor } from '../../tensor/tensor.js';

/**
 * The global tone curve 3x^2 - 2x^3 of Brooks et al., "Unprocessing Images for Learned Raw
 * Denoising" (2019). It maps [0, 1] onto itself; above 1 it falls again.
 *
 * @param image any shape.
 */
export function applyToneCurve(image: Tensor): Tensor {
  return tensor(
    image.shape,
    image.data.map((value) => value * value * (3 - 2 * value)),
  );
}

/**
 * The inverse of `applyToneCurve`: the root of the cubic that lies in [0, 1].
 *
 * @param image any shape; values are first clamped to [0, 1].
 */
export function invertToneCurve(image: Tensor): Tensor {
  return tensor(
    image.shape,
    image.data.map((value) => {
      const clamped = Math.min(Math.max(value, 0), 1);
      return 0.5 - Math.sin(Math.asin(1 - 2 * clamped) / 3);
    }),
  );
}
