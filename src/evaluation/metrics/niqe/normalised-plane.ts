/** A plane in which brightness and contrast are locally taken away. */
export interface NormalisedPlane {
  /** Mean-subtracted, contrast-normalised coefficients (x - mean) / (deviation + 1). */
  readonly coefficients: Float64Array;
  /** The local standard deviation, on the plane's own scale. */
  readonly deviations: Float64Array;
}

const size = 7;
const reach = (size - 1) / 2;
const unscaled = Array.from({ length: size }, (_, tap) =>
  Math.exp(-((tap - reach) ** 2) / (2 * (size / 6) ** 2)),
);
const unscaledSum = unscaled.reduce((sum, weight) => sum + weight);
const weights = unscaled.map((weight) => weight / unscaledSum);

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
  const means = filtered(plane, height, width);
  const squares = filtered(
    plane.map((value) => value * value),
    height,
    width,
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

function filtered(plane: Float64Array, height: number, width: number): Float64Array {
  const rows = new Float64Array(plane.length);
  const padded = new Float64Array(width + 2 * reach);
  for (let row = 0; row < height; row++) {
    const from = row * width;
    padded.fill(plane[from]!, 0, reach);
    padded.set(plane.subarray(from, from + width), reach);
    padded.fill(plane[from + width - 1]!, reach + width);
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let tap = 0; tap < size; tap++) sum += weights[tap]! * padded[column + tap]!;
      rows[from + column] = sum;
    }
  }
  const result = new Float64Array(plane.length);
  for (let row = 0; row < height; row++)
    for (let tap = 0; tap < size; tap++) {
      const from = Math.min(height - 1, Math.max(0, row + tap - reach)) * width;
      const weight = weights[tap]!;
      for (let column = 0; column < width; column++)
        result[row * width + column]! += weight * rows[from + column]!;
    }
  return result;
}
