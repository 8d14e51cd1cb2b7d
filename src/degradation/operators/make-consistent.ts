import { ParameterError } from '../../tensor/errors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { checkNotNegative, type ForwardOperator } from './forward-operator.js';

/** How much to believe the measurement. */
export interface ConsistencyOptions {
  /** Variance of the noise n of a measured value; 0, the default, makes A x = y hold exactly. */
  readonly noiseVariance?: number;
  /** Variance of the estimate's error at a pixel; needed with noise. */
  readonly priorVariance?: number;
}

/**
 * The image nearest to an estimate that agrees with a measurement y = A x + n:
 * x + A^T (A A^T + lambda I)^-1 (y - A x) with lambda = noiseVariance / priorVariance.
 *
 * Without noise this is the projection onto the images that A maps to y. With noise it is the mean
 * of the posterior of a normal prior around the estimate, of covariance priorVariance I, and normal
 * noise of covariance noiseVariance I.
 *
 * The result is not clamped, as estimates in a sampling chain are not: clamp the last one, or use
 * `makeConsistentWithin`.
 *
 * @param estimate [C, H, W] of the operator's input size; it is not changed.
 * @param measurement [C, h, w] of its output size.
 * @throws ParameterError for other sizes, negative variances, or noise without priorVariance.
 * @throws LimitError where the operator's iterative solve does not converge.
 * @example
 * const operator = bicubicReduction(4, 512, 512);
 * const consistent = makeConsistent(operator, restored, input);
 */
export function makeConsistent(
  operator: ForwardOperator,
  estimate: Tensor,
  measurement: Tensor,
  options: ConsistencyOptions = {},
): Tensor {
  const lambda = lambdaOf(options);
  const residual = operator.apply(estimate);
  if (residual.shape.join() !== measurement.shape.join())
    throw new ParameterError('measurement', `a tensor [${residual.shape}]`, measurement.shape);
  for (let at = 0; at < residual.data.length; at++)
    residual.data[at] = measurement.data[at]! - residual.data[at]!;
  const result = operator.adjoint(operator.solve(residual, lambda)).data;
  for (let at = 0; at < result.length; at++) result[at]! += estimate.data[at]!;
  return tensor(estimate.shape, result);
}

/** What a result is to fulfil besides the measurement. */
export interface RangeOptions extends ConsistencyOptions {
  /** How often to project and clamp; 2 by default. */
  readonly rounds?: number;
}

/**
 * `makeConsistent` for the image that is shown: with values in [0, 1]. Clamping moves the measurement
 * again, by little; alternating with projections onto what the first one made of the measurement
 * (convex sets, Bregman 1965) makes up for it. The last step is to clamp.
 *
 * @throws as `makeConsistent` does, and ParameterError for rounds that are not a positive integer.
 * @example
 * const shown = makeConsistentWithin(operator, restored, input); // then rounded to 8 bits
 */
export function makeConsistentWithin(
  operator: ForwardOperator,
  estimate: Tensor,
  measurement: Tensor,
  options: RangeOptions = {},
): Tensor {
  const { rounds = 2, noiseVariance = 0 } = options;
  if (!(Number.isInteger(rounds) && rounds >= 1))
    throw new ParameterError('rounds', 'a positive integer', rounds);
  let result = makeConsistent(operator, estimate, measurement, options);
  const goal = noiseVariance === 0 || rounds === 1 ? measurement : operator.apply(result);
  clamp(result.data);
  for (let round = 1; round < rounds; round++) {
    result = makeConsistent(operator, result, goal);
    clamp(result.data);
  }
  return result;
}

function clamp(values: Float32Array): void {
  for (let at = 0; at < values.length; at++) values[at] = Math.min(1, Math.max(0, values[at]!));
}

function lambdaOf({ noiseVariance = 0, priorVariance }: ConsistencyOptions): number {
  checkNotNegative('noiseVariance', noiseVariance);
  if (noiseVariance === 0) return 0;
  if (!(priorVariance !== undefined && priorVariance > 0 && Number.isFinite(priorVariance)))
    throw new ParameterError(
      'priorVariance',
      'a positive number, for there is noise',
      priorVariance,
    );
  return noiseVariance / priorVariance;
}
