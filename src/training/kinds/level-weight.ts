const SMALLEST_SIGMA = 0.002;
const UNIT = 1e-3;

/**
 * Mean squared error that a compact denoiser of photographs leaves at noise of deviation sigma, in
 * [0, 1] units: 49 dB at 1/255, 38 dB at 6.7/255, 31 dB at 25/255, 22 dB at 0.9.
 */
export function expectedError(sigma: number): number {
  const level = Math.max(sigma, SMALLEST_SIGMA);
  return 0.0085 * level ** 1.4 * (level + 0.2) ** -0.7;
}

/**
 * Weight of a sample whose noise has deviation sigma: the inverse of the error to be expected. The
 * best estimate at one level does not depend on the weights of the others, so they are free, and
 * this lets every level speak alike.
 * @param otherError mean squared error of a second estimate that is at hand, such as the restored
 * picture of a fusion network, which bounds the error at high noise.
 */
export function levelWeight(sigma: number, otherError = Number.POSITIVE_INFINITY): number {
  return UNIT * (1 / expectedError(sigma) + 1 / otherError);
}
