import { ParameterError } from '../../tensor/errors.js';
import { sizeOf, type Tensor } from '../../tensor/tensor.js';
import type { Precision } from './precision.js';

/** Size of an image in pixels. Without `channels` any number will do, each treated alike. */
export interface ImageSize {
  readonly channels?: number;
  readonly height: number;
  readonly width: number;
}

/**
 * The linear part A of a measurement y = A x + n of an image x with noise n.
 *
 * Images and measurements are tensors [C, H, W], displayed values mostly in [0, 1], though nothing
 * is clamped. All functions are pure and return the data type of their argument; all throw
 * ParameterError for another size.
 *
 * A new operator is a function in a file of this folder that returns such an object. `apply` and
 * `adjoint` must be transposes of each other to rounding: <A x, y> = <x, A^T y>. Where A A^T + lambda I
 * has no closed inverse, `solve` is `solveByConjugateGradients`. An operator that mixes channels (a
 * mosaic, a conversion of colours) states `channels` in `input` and `output`. Callers such as
 * `makeConsistent` need nothing else.
 */
export interface ForwardOperator {
  /** For people. */
  readonly name: string;
  /** Size of x. */
  readonly input: ImageSize;
  /** Size of y. */
  readonly output: ImageSize;
  /** A x. */
  apply<P extends Precision>(image: Tensor<P>): Tensor<P>;
  /** A^T y. */
  adjoint<P extends Precision>(measurement: Tensor<P>): Tensor<P>;
  /**
   * (A A^T + lambda I)^-1 r for an r in the range of A.
   * @param lambda not negative; 0 asks for the inverse of A A^T.
   * @throws ParameterError for another lambda, LimitError where an iteration does not converge.
   */
  solve<P extends Precision>(residual: Tensor<P>, lambda: number): Tensor<P>;
}

/**
 * A^T (A A^T + lambda I)^-1 y: for lambda = 0 the smallest image whose measurement is y (the
 * Moore-Penrose inverse), for more the one that minimises |A x - y|^2 + lambda |x|^2.
 *
 * @example
 * const operator = bicubicReduction(4, 512, 512);
 * const image = pseudoInverse(operator, measurement); // [3, 128, 128] to [3, 512, 512]
 */
export function pseudoInverse<P extends Precision>(
  operator: ForwardOperator,
  measurement: Tensor<P>,
  lambda = 0,
): Tensor<P> {
  return operator.adjoint(operator.solve(measurement, lambda));
}

/**
 * The number of channels of an image of a size.
 * @throws ParameterError, which calls the image by `name`, for another shape.
 */
export function channelsOf(name: string, image: Tensor<Precision>, size: ImageSize): number {
  const [channels = 0, height, width] = image.shape;
  const fits =
    image.shape.length === 3 &&
    height === size.height &&
    width === size.width &&
    (size.channels ?? channels) === channels &&
    sizeOf(image.shape) > 0;
  if (!fits) {
    const expected = `[${size.channels ?? 'channels'}, ${size.height}, ${size.width}]`;
    throw new ParameterError(name, `a tensor ${expected}`, image.shape);
  }
  return channels;
}

/** @throws ParameterError for a number that is negative or not finite. */
export function checkNotNegative(name: string, value: number): void {
  if (!(value >= 0 && Number.isFinite(value)))
    throw new ParameterError(name, 'a number that is not negative', value);
}
