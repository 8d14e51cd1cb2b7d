import { gaussianWeights, meanHalved } from './filters.js';
import { pairMetric } from './metric.js';
import { type Plane, planesOf } from './planes.js';

/** Side of the Gaussian window. */
const WINDOW_SIZE = 11;
const windowWeights = gaussianWeights(1.5, (WINDOW_SIZE - 1) / 2);
const c1 = (0.01 * 255) ** 2;
const c2 = (0.03 * 255) ** 2;
/** Exponents of the five scales, the finest first (Wang et al. 2003). */
const scaleExponents = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/**
 * Structural similarity (Wang et al. 2004) with the Gaussian window of 11 x 11 pixels and standard
 * deviation 1.5, averaged over the positions where the window lies inside the image, then over the
 * channels; 1 for equal images.
 */
export const ssim = similarityMetric({
  name: 'ssim',
  title: 'structural similarity',
  range: [-1, 1],
  minimumSide: WINDOW_SIZE,
  similarity: (x, y) => planeSimilarity(x, y).whole,
});

/**
 * Multi-scale structural similarity (Wang, Simoncelli and Bovik 2003): the product, over five
 * scales, of the mean contrast and structure to the scale's exponent, at the coarsest scale of the
 * whole SSIM; then the mean over the channels. Each scale is half the one before, by means over
 * 2 x 2 pixels, the last row or column of an odd side being repeated. A negative mean counts as 0.
 */
export const msSsim = similarityMetric({
  name: 'ms-ssim',
  title: 'structural similarity over five scales',
  range: [0, 1],
  minimumSide: WINDOW_SIZE * 2 ** (scaleExponents.length - 1),
  similarity: (x, y) => {
    let [first, second] = [x, y];
    let product = 1;
    for (const [scale, exponent] of scaleExponents.entries()) {
      if (scale > 0) [first, second] = [meanHalved(first), meanHalved(second)];
      const { whole, structure } = planeSimilarity(first, second);
      const isCoarsest = scale === scaleExponents.length - 1;
      // Math.max keeps NaN, which must not pass for a score.
      product *= Math.max(0, isCoarsest ? whole : structure) ** exponent;
    }
    return product;
  },
});

/** A metric that is the mean over the planes of a similarity. */
function similarityMetric({
  similarity,
  ...facts
}: {
  readonly name: string;
  readonly title: string;
  readonly range: readonly [number, number];
  readonly minimumSide: number;
  readonly similarity: (x: Plane, y: Plane) => number;
}) {
  return pairMetric({
    ...facts,
    judges: 'distortion',
    isDefault: true,
    colourSpaces: ['rgb', 'luma'],
    direction: 'higher',
    unit: '',
    version: '1',
    compute: (reference, test, { colourSpace }) => {
      const others = planesOf(test, colourSpace);
      const planes = planesOf(reference, colourSpace);
      const sum = planes.reduce((total, plane, i) => total + similarity(plane, others[i]!), 0);
      return sum / planes.length;
    },
  });
}

/** The four windowed means that SSIM needs: x, y, x^2 + y^2 and x y. */
const momentCount = 4;

/** Means over the positions where the window lies inside two planes. */
interface PlaneSimilarity {
  /** Of luminance, contrast and structure together: SSIM. */
  readonly whole: number;
  /** Of contrast and structure alone. */
  readonly structure: number;
}

/**
 * The similarity of two planes on the scale 0..255 of at least 11 pixels each way: with
 * Gaussian-weighted means m, variances v and covariance c in a window, contrast and structure are
 * (2 c + C2) / (v1 + v2 + C2) and luminance is (2 m1 m2 + C1) / (m1^2 + m2^2 + C1).
 */
export function planeSimilarity(
  { height, width, data: x }: Plane,
  { data: y }: Plane,
): PlaneSimilarity {
  const across = width - WINDOW_SIZE + 1;
  const down = height - WINDOW_SIZE + 1;
  const products = Array.from({ length: momentCount }, () => new Float64Array(width));
  // The last eleven rows, filtered along the row: all that the filter down the columns reads.
  const recent = Array.from({ length: WINDOW_SIZE }, () => new Float64Array(momentCount * across));
  const means = new Float64Array(momentCount * across);
  const totals = new Float64Array(2);
  for (let row = 0; row < height; row++) {
    multiply(x, y, row * width, products);
    filterRow(products, recent[row % WINDOW_SIZE]!, across);
    if (row < WINDOW_SIZE - 1) continue;
    means.fill(0);
    for (let tap = 0; tap < WINDOW_SIZE; tap++)
      accumulate(means, recent[(row + 1 + tap) % WINDOW_SIZE]!, windowWeights[tap]!);
    addRow(means, across, totals);
  }
  const positions = across * down;
  return { whole: totals[0]! / positions, structure: totals[1]! / positions };
}

function multiply(
  x: Float64Array,
  y: Float64Array,
  start: number,
  [first, second, squares, cross]: readonly Float64Array[],
): void {
  for (let column = 0; column < first!.length; column++) {
    const a = x[start + column]!;
    const b = y[start + column]!;
    first![column] = a;
    second![column] = b;
    squares![column] = a * a + b * b;
    cross![column] = a * b;
  }
}

function filterRow(rows: readonly Float64Array[], result: Float64Array, across: number): void {
  const [w0, w1, w2, w3, w4, w5] = windowWeights as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  rows.forEach((row, field) => {
    const to = field * across;
    for (let i = 0; i < across; i++)
      result[to + i] =
        w0 * (row[i]! + row[i + 10]!) +
        w1 * (row[i + 1]! + row[i + 9]!) +
        w2 * (row[i + 2]! + row[i + 8]!) +
        w3 * (row[i + 3]! + row[i + 7]!) +
        w4 * (row[i + 4]! + row[i + 6]!) +
        w5 * row[i + 5]!;
  });
}

function accumulate(sums: Float64Array, row: Float64Array, weight: number): void {
  for (let index = 0; index < sums.length; index++) sums[index]! += weight * row[index]!;
}

function addRow(means: Float64Array, across: number, totals: Float64Array): void {
  let whole = 0;
  let structure = 0;
  for (let i = 0; i < across; i++) {
    const a = means[i]!;
    const b = means[across + i]!;
    const product = a * b;
    const squares = a * a + b * b;
    const variances = means[2 * across + i]! - squares;
    const covariance = means[3 * across + i]! - product;
    const local = (2 * covariance + c2) / (variances + c2);
    structure += local;
    whole += (local * (2 * product + c1)) / (squares + c1);
  }
  totals[0]! += whole;
  totals[1]! += structure;
}
