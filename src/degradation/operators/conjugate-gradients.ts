import { LimitError, ParameterError } from '../../tensor/errors.js';
import { type Tensor, typedTensor } from '../../tensor/tensor.js';
import { checkNotNegative, type ForwardOperator } from './forward-operator.js';
import { type Precision, realsOf, zeros } from './precision.js';

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
