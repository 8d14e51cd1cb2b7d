/** Weights of a Gaussian at -radius..radius, of sum 1. */
export function gaussianWeights(deviation: number, radius: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, tap) =>
    Math.exp(-((tap - radius) ** 2) / (2 * deviation ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * A plane correlated with the outer product of two kernels of odd lengths, edge pixels repeated.
 * @param across weights along rows, the leftmost first.
 * @param down weights along columns, the topmost first.
 */
export function separable(
  plane: Float64Array,
  height: number,
  width: number,
  across: Float64Array,
  down: Float64Array = across,
): Float64Array {
  return alongColumns(alongRows(plane, height, width, across), height, width, down);
}

/** A plane correlated along its rows with a kernel of odd length, edge pixels repeated. */
export function alongRows(
  plane: Float64Array,
  height: number,
  width: number,
  weights: Float64Array,
): Float64Array {
  const reach = (weights.length - 1) / 2;
  const result = new Float64Array(plane.length);
  const padded = new Float64Array(width + 2 * reach);
  for (let row = 0; row < height; row++) {
    const from = row * width;
    padded.fill(plane[from]!, 0, reach);
    padded.set(plane.subarray(from, from + width), reach);
    padded.fill(plane[from + width - 1]!, reach + width);
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++) sum += weights[tap]! * padded[column + tap]!;
      result[from + column] = sum;
    }
  }
  return result;
}

/** A plane correlated along its columns with a kernel of odd length, edge pixels repeated. */
export function alongColumns(
  plane: Float64Array,
  height: number,
  width: number,
  weights: Float64Array,
): Float64Array {
  const reach = (weights.length - 1) / 2;
  const result = new Float64Array(plane.length);
  for (let row = 0; row < height; row++)
    for (let tap = 0; tap < weights.length; tap++) {
      const from = Math.min(height - 1, Math.max(0, row + tap - reach)) * width;
      const weight = weights[tap]!;
      for (let column = 0; column < width; column++)
        result[row * width + column]! += weight * plane[from + column]!;
    }
  return result;
}
