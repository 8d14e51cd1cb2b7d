import { ParameterError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { channelsOf, checkNotNegative, type ForwardOperator } from './forward-operator.js';
import { realsOf, zeros } from './precision.js';

/**
 * The known pixels of an image, for inpainting: y = m x with a mask m of 1 where a pixel is known
 * and 0 elsewhere. On the range of A, the images that are 0 where nothing is known, A A^T = I; what
 * a measurement holds elsewhere is ignored.
 *
 * @param mask [H, W] of zeros and ones; it is copied.
 * @throws ParameterError for another shape or other values.
 * @example
 * const operator = masking(mask);
 * const filled = makeConsistent(operator, estimate, damaged); // known pixels are those of `damaged`
 */
export function masking(mask: Tensor): ForwardOperator {
  const [height = 0, width = 0] = mask.shape;
  if (mask.shape.length !== 2 || height * width === 0)
    throw new ParameterError('mask', 'a tensor [height, width]', mask.shape);
  const other = mask.data.find((value) => value !== 0 && value !== 1);
  if (other !== undefined) throw new ParameterError('mask', 'zeros and ones', other);
  const known = Uint8Array.from(mask.data);
  const size = { height, width };

  const scaled =
    (name: string, factor: number): ForwardOperator['apply'] =>
    (image) => {
      const channels = channelsOf(name, image, size);
      const result = zeros(image.dataType, image.shape);
      const [from, to] = [realsOf(image), realsOf(result)];
      for (let plane = 0; plane < channels; plane++)
        for (let at = 0; at < known.length; at++) {
          const place = plane * known.length + at;
          if (known[at] === 1) to[place] = factor * from[place]!;
        }
      return result;
    };
  return {
    name: 'masking',
    input: size,
    output: size,
    apply: scaled('image', 1),
    adjoint: scaled('measurement', 1),
    solve(residual, lambda) {
      checkNotNegative('lambda', lambda);
      return scaled('residual', 1 / (1 + lambda))(residual);
    },
  };
}
