import { addWeightedLines } from '../tensor/weighted-lines.js';
import type { Plane } from './planes.js';

/** What lies beyond the edges of a plane: its edge pixels over and over, or zeros. */
export type Edges = 'repeated' | 'zero';

/** Weights of a Gaussian at -radius..radius, of sum 1. */
export function gaussianWeights(deviation: number, radius: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, tap) =>
    Math.exp(-((tap - radius) ** 2) / (2 * deviation ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** A plane correlated with a kernel of odd length along rows and then along columns. */
export function separable(plane: Plane, weights: Float64Array, edges: Edges = 'repeated'): Plane {
  return alongColumns(alongRows(plane, weights, edges), weights, edges);
}

/** A plane correlated along its rows with a kernel of odd length. */
export function alongRows(
  { height, width, data }: Plane,
  weights: Float64Array,
  edges: Edges = 'repeated',
): Plane {
  const reach = (weights.length - 1) / 2;
  const result = new Float64Array(data.length);
  const padded = new Float64Array(width + 2 * reach);
  const starts = Int32Array.from(weights, (_, tap) => tap);
  for (let row = 0; row < height; row++) {
    const from = row * width;
    padded.set(data.subarray(from, from + width), reach);
    if (edges === 'repeated') {
      padded.fill(data[from]!, 0, reach);
      padded.fill(data[from + width - 1]!, reach + width);
    }
    addWeightedLines(result.subarray(from, from + width), padded, 0, starts, weights);
  }
  return { height, width, data: result };
}

/** A plane correlated along its columns with a kernel of odd length. */
export function alongColumns(
  { height, width, data }: Plane,
  weights: Float64Array,
  edges: Edges = 'repeated',
): Plane {
  const reach = (weights.length - 1) / 2;
  const result = new Float64Array(data.length);
  const starts = new Int32Array(weights.length);
  const inside = new Float64Array(weights.length);
  for (let row = 0; row < height; row++) {
    for (let tap = 0; tap < weights.length; tap++) {
      const wanted = row + tap - reach;
      const source = Math.min(height - 1, Math.max(0, wanted));
      starts[tap] = source * width;
      inside[tap] = edges === 'zero' && source !== wanted ? 0 : weights[tap]!;
    }
    addWeightedLines(result.subarray(row * width, (row + 1) * width), data, 0, starts, inside);
  }
  return { height, width, data: result };
}

/**
 * Means over squares of 2 x 2 pixels, half as many each way, rounded up: with zeros beyond the
 * edges, MATLAB's `conv2(plane, ones(2) / 4, 'same')(1:2:end, 1:2:end)`, which HaarPSI and GMSD
 * begin with.
 */
export function meanHalved({ height, width, data }: Plane, edges: Edges = 'repeated'): Plane {
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const result = new Float64Array(rows * columns);
  const beyond = edges === 'repeated' ? 1 : 0;
  for (let row = 0; row < rows; row++) {
    const hasLower = 2 * row + 1 < height;
    for (let column = 0; column < columns; column++) {
      const at = 2 * (row * width + column);
      const hasRight = 2 * column + 1 < width;
      const upperLeft = data[at]!;
      const upperRight = hasRight ? data[at + 1]! : beyond * upperLeft;
      const lowerLeft = hasLower ? data[at + width]! : beyond * upperLeft;
      const inner = hasLower ? lowerLeft : upperRight;
      const lowerRight = hasLower && hasRight ? data[at + width + 1]! : beyond * inner;
      result[row * columns + column] = (upperLeft + upperRight + lowerLeft + lowerRight) / 4;
    }
  }
  return { height: rows, width: columns, data: result };
}
