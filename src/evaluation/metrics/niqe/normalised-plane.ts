import { gaussianWeights, separable } from '../filters.js';

/** A plane in which brightness and contrast are locally taken away. */
export interface NormalisedPlane {
  /** Mean-subtracted, contrast-normalised coefficients (x - mean) / (deviation + 1). */
  readonly coefficients: Float64Array;
  /** The local standard deviation, on the plane's own scale. */
  readonly deviations: Float64Array;
}

const weights = gaussianWeights(7 / 6, 3);

/** What rounding leaves of a coefficient where the plane is flat. */
const roundingError = 1e-9;

/**
 * Normalises a plane on the scale 0..255 by its mean and deviation in a Gaussian window of 7 x 7
 * pixels with standard deviation 7/6, edge pixels repeated (Mittal et al. 2013, equations 1 to 3).
 */
export function normalisedPlane(
  plane: Float64Array,
  height: number,
  width: number,
): NormalisedPlane {
  const { data: means } = separable({ height, width, data: plane }, weights);
  const { data: squares } = separable(
    { height, width, data: plane.map((value) => value * value) },
    weights,
  );
  const coefficients = new Float64Array(plane.length);
  const deviations = new Float64Array(plane.length);
  for (let index = 0; index < plane.length; index++) {
    const mean = means[index]!;
    const deviation = Math.sqrt(Math.abs(squares[index]! - mean * mean));
    const coefficient = (plane[index]! - mean) / (deviation + 1);
    coefficients[index] = Math.abs(coefficient) < roundingError ? 0 : coefficient;
    deviations[index] = deviation;
  }
  return { coefficients, deviations };
}
