import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
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

/** Standard deviation of what rounding to 8 bits adds: a uniform error of one level. */
export const roundingDeviation = 1 / 255 / Math.sqrt(12);

/**
 * How much `makeConsistent` may believe a measurement of which nothing is known but its pixels: as
 * noisy as `noiseDeviation` finds it, at least as rounding to 8 bits makes it. Noise is then not
 * copied into the restored image, and a clean measurement is still met to a level or so.
 * `docs/consistency.md` has what this gains and costs for inputs of many kinds.
 *
 * @param measurement [C, h, w], the whole of it where parts are made consistent one by one.
 * @param priorVariance mean squared error of the estimates; about 0.002 for the sr4 pack.
 * @param leastDeviation of the noise where more is known; 2 / 255 suits JPEG files, whose errors
 * flat areas do not show.
 * @throws ParameterError for another shape or numbers that are not positive.
 * @example
 * const options = cautiousConsistency(input, 0.002);
 * const result = makeConsistentWithin(bicubicReduction(4, 512, 512), restored, input, options);
 */
export function cautiousConsistency(
  measurement: Tensor,
  priorVariance: number,
  leastDeviation: number = roundingDeviation,
): ConsistencyOptions {
  for (const [name, value] of Object.entries({ priorVariance, leastDeviation }))
    if (!(value > 0 && Number.isFinite(value)))
      throw new ParameterError(name, 'a positive number', value);
  const deviation = Math.max(leastDeviation, noiseDeviation(measurement));
  return { noiseVariance: deviation * deviation, priorVariance };
}

// Blocks of 8 x 8 responses, half of which the next block shares.
const cell = 4;
const quantile = 0.02;

/**
 * An estimate of the standard deviation of white noise in an image: the mask of Immerkaer (1996),
 * which is blind to planes, over blocks of 8 x 8 pixels, of whose mean squares the 2 % quantile
 * counts, since the flattest blocks hold little else than noise. White noise reads about a tenth
 * low; an image that is textured everywhere reads high.
 *
 * @param image [C, H, W]; the noise is taken to be equal in all channels.
 * @returns in units of the values; 0 for an image too small for an estimate, with a side below 10.
 * @throws ParameterError for another shape.
 */
export function noiseDeviation(image: Tensor): number {
  const [channels = 0, height = 0, width = 0] = image.shape;
  if (image.shape.length !== 3)
    throw new ParameterError('image', 'a tensor [channels, height, width]', image.shape);
  const rows = Math.floor((height - 2) / cell);
  const columns = Math.floor((width - 2) / cell);
  if (channels === 0 || rows < 2 || columns < 2) return 0;
  const sums = new Float64Array(rows * columns);
  const { data } = image;
  for (let plane = 0; plane < channels; plane++)
    for (let y = 0; y < rows * cell; y++) {
      const above = (plane * height + y) * width;
      const middle = above + width;
      const below = middle + width;
      for (let x = 0; x < columns * cell; x++) {
        const left = data[above + x]! - 2 * data[middle + x]! + data[below + x]!;
        const centre = data[above + x + 1]! - 2 * data[middle + x + 1]! + data[below + x + 1]!;
        const right = data[above + x + 2]! - 2 * data[middle + x + 2]! + data[below + x + 2]!;
        const response = left - 2 * centre + right;
        sums[Math.floor(y / cell) * columns + Math.floor(x / cell)]! += response * response;
      }
    }
  const blocks = new Float64Array((rows - 1) * (columns - 1));
  for (let row = 0, at = 0; row < rows - 1; row++)
    for (let column = 0; column < columns - 1; column++, at++) {
      const first = row * columns + column;
      blocks[at] =
        sums[first]! + sums[first + 1]! + sums[first + columns]! + sums[first + columns + 1]!;
    }
  blocks.sort();
  const energy = blocks[Math.floor(quantile * (blocks.length - 1))]!;
  // The squares of the mask's weights sum to 36.
  return Math.sqrt(energy / (4 * cell * cell * channels * 36));
}
