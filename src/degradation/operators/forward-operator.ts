import { allocate, sizeOf, type Tensor, typedTensor } from '../../tensor/tensor.js';
import { LimitError, ParameterError } from '../../utils/errors.js';

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

/** Data types of images that operators take; sums are of double precision in both. */
export type Precision = 'float32' | 'float64';

/** A tensor of zeros. */
export function zeros<P extends Precision>(dataType: P, shape: readonly number[]): Tensor<P> {
  return typedTensor(dataType, shape, allocate(dataType, sizeOf(shape)));
}

/** The values of a tensor of either precision, which are not copied. */
export function realsOf(image: Tensor<Precision>): Float32Array | Float64Array {
  return image.data as Float32Array | Float64Array;
}

/** When an iteration ends. */
export interface IterationLimits {
  /** Norm of the remaining residual relative to the right-hand side; 1e-6 by default. */
  readonly tolerance?: number;
  /** 200 by default. */
  readonly maxIterations?: number;
}

/**
 * Solves M x = b by conjugate gradients (Hestenes and Stiefel 1952), beginning at 0.
 *
 * @param multiply writes M v to `into`; M is symmetric and positive definite, or positive
 * semidefinite with b in its range.
 * @throws LimitError where maxIterations steps do not reach the tolerance, or M is not such a matrix.
 */
export function conjugateGradients(
  multiply: (vector: Float64Array, into: Float64Array) => void,
  right: Float64Array,
  { tolerance = 1e-6, maxIterations = 200 }: IterationLimits = {},
): Float64Array {
  if (!(tolerance > 0 && tolerance < 1))
    throw new ParameterError('tolerance', 'a number between 0 and 1', tolerance);
  if (!(Number.isInteger(maxIterations) && maxIterations > 0))
    throw new ParameterError('maxIterations', 'a positive integer', maxIterations);
  const solution = new Float64Array(right.length);
  const residual = right.slice();
  const direction = right.slice();
  const product = new Float64Array(right.length);
  const start = dot(right, right);
  const wanted = tolerance * tolerance * start;
  let remaining = start;
  for (let step = 0; remaining > wanted && step < maxIterations; step++) {
    multiply(direction, product);
    const curvature = dot(direction, product);
    if (!(curvature > 0)) break;
    const length = remaining / curvature;
    let next = 0;
    for (let at = 0; at < right.length; at++) {
      solution[at]! += length * direction[at]!;
      const rest = residual[at]! - length * product[at]!;
      residual[at] = rest;
      next += rest * rest;
    }
    const turn = next / remaining;
    for (let at = 0; at < right.length; at++) direction[at] = residual[at]! + turn * direction[at]!;
    remaining = next;
  }
  if (remaining <= wanted) return solution;
  const reached = Math.sqrt(remaining / start).toExponential(1);
  throw new LimitError(
    'conjugate gradients',
    `a relative residual of ${reached} is left after at most ${maxIterations} steps, where ${tolerance} was wanted. A greater lambda (more noise) or more steps help`,
    { expected: `a relative residual of ${tolerance}`, received: reached },
  );
}

/**
 * (A A^T + lambda I)^-1 r from `apply` and `adjoint` alone: the `solve` of operators without a
 * closed form.
 * @throws ParameterError for a negative lambda, LimitError where the iteration does not converge.
 */
export function solveByConjugateGradients<P extends Precision>(
  operator: Pick<ForwardOperator, 'apply' | 'adjoint'>,
  residual: Tensor<P>,
  lambda: number,
  limits: IterationLimits = {},
): Tensor<P> {
  checkNotNegative('lambda', lambda);
  const { shape } = residual;
  const multiply = (vector: Float64Array, into: Float64Array): void => {
    const image = operator.adjoint(typedTensor('float64', shape, vector));
    into.set(operator.apply(image).data);
    for (let at = 0; at < into.length; at++) into[at]! += lambda * vector[at]!;
  };
  const result = zeros(residual.dataType, shape);
  const right = Float64Array.from(realsOf(residual));
  realsOf(result).set(conjugateGradients(multiply, right, limits));
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
