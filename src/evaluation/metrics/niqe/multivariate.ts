/** Mean and covariance of feature vectors. */
export interface Multivariate {
  readonly mean: readonly number[];
  /** Symmetric, row by row. */
  readonly covariance: readonly (readonly number[])[];
}

/** The sample mean and covariance (divided by n - 1) of at least two vectors of one length. */
export function multivariateOf(vectors: readonly Float64Array[]): Multivariate {
  const length = vectors[0]!.length;
  const mean = Array.from(
    { length },
    (_, index) => vectors.reduce((sum, vector) => sum + vector[index]!, 0) / vectors.length,
  );
  const covariance = Array.from({ length }, () => new Array<number>(length).fill(0));
  const centred = new Float64Array(length);
  for (const vector of vectors) {
    for (let index = 0; index < length; index++) centred[index] = vector[index]! - mean[index]!;
    for (let row = 0; row < length; row++)
      for (let column = 0; column <= row; column++)
        covariance[row]![column]! += centred[row]! * centred[column]!;
  }
  for (let row = 0; row < length; row++)
    for (let column = 0; column <= row; column++) {
      covariance[row]![column]! /= vectors.length - 1;
      covariance[column]![row] = covariance[row]![column]!;
    }
  return { mean, covariance };
}
