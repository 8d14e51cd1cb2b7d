import { uniformAt } from '../../tensor/random.js';
import { DRAWS_PER_SAMPLE } from '../photographs/crops.js';
import type { LevelWeightName } from '../recipe.js';

/** Where the numbers of a sample lie that are not about its crop. */
export interface SampleKey {
  readonly seed: number;
  readonly step: number;
  readonly sample: number;
}

const LAW_DRAW = 8;
/** The draw that says where a fusion sample's state is centred. */
export const STATE_DRAW = 11;

/** A number between two bounds, uniform or uniform in its logarithm. */
export function drawBetween(
  { seed, step, sample }: SampleKey,
  minimum: number,
  maximum: number,
  law: 'uniform' | 'log-uniform',
  draw = LAW_DRAW,
): number {
  const share = uniformAt(seed, step, sample * DRAWS_PER_SAMPLE + draw);
  if (law === 'uniform') return minimum + (maximum - minimum) * share;
  return minimum * (maximum / minimum) ** share;
}

const SMALLEST_SIGMA = 0.002;
const UNIT = 1e-3;
/** Standard deviation of photographs in [0, 1] units; half of that in [-1, 1] units. */
const DATA_DEVIATION = 0.25;

/**
 * Mean squared error that a compact denoiser of photographs leaves at noise of deviation sigma, in
 * [0, 1] units: 49 dB at 1/255, 38 dB at 6.7/255, 31 dB at 25/255, 22 dB at 0.9.
 */
export function expectedError(sigma: number): number {
  const level = Math.max(sigma, SMALLEST_SIGMA);
  return 0.0085 * level ** 1.4 * (level + 0.2) ** -0.7;
}

/**
 * Weight of a sample whose noise has deviation sigma. The best estimate at one level does not
 * depend on the weights of the others, so they are free. `expected-error` is the inverse of the
 * error to be expected, which lets every level speak alike; `edm` is 1/sigma^2 + 1/deviation^2 of
 * the data (Karras et al., 2022); `none` is 1.
 * @param otherError mean squared error of a second estimate that is at hand, such as the restored
 * image of a fusion network, which bounds the error at high noise.
 */
export function levelWeight(
  sigma: number,
  otherError = Number.POSITIVE_INFINITY,
  law: LevelWeightName = 'expected-error',
): number {
  if (law === 'none') return 1;
  if (law === 'edm')
    return UNIT * (Math.max(sigma, SMALLEST_SIGMA) ** -2 + DATA_DEVIATION ** -2 + 1 / otherError);
  return UNIT * (1 / expectedError(sigma) + 1 / otherError);
}
