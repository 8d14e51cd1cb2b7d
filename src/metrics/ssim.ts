import { ParameterError } from '../utils/errors.js';
import { meanHalved, type Plane } from './filters.js';
import type { Metric, MetricSettings } from './metric.js';
import { checkBorder, numeric, pairOf } from './planes.js';

/**
 * Structural similarity (Wang et al. 2004) with the Gaussian window of 11 x 11 pixels and standard
 * deviation 1.5, averaged over the places where the window lies inside the image, then over the
 * channels; 1 for equal images.
 */
export function ssim({ colourSpace = 'rgb', border = 0 }: MetricSettings = {}): Metric {
  checkBorder(border);
  return {
    name: 'ssim',
    direction: 'higher',
    range: [-1, 1],
    unit: '',
    colourSpace,
    border,
    version: '1',
    compute: (reference, test) => {
      const [a, b] = pairOf(reference, test, colourSpace, border);
      if (Math.min(a.height, a.width) < WINDOW_SIZE)
        throw new ParameterError(
          'reference',
          `at least ${WINDOW_SIZE} x ${WINDOW_SIZE} pixels inside the border`,
          reference.shape,
        );
      const sum = a.planes.reduce(
        (total, plane, index) =>
          total + planeSimilarity(plane, b.planes[index]!, a.height, a.width).whole,
        0,
      );
      return numeric(sum / a.planes.length);
    },
  };
}

/** Side of the Gaussian window. */
export const WINDOW_SIZE = 11;
const windowDeviation = 1.5;
const c1 = (0.01 * 255) ** 2;
const c2 = (0.03 * 255) ** 2;

const windowTaps = Float64Array.from({ length: WINDOW_SIZE }, (_, tap) =>
  Math.exp(-((tap - (WINDOW_SIZE - 1) / 2) ** 2) / (2 * windowDeviation ** 2)),
);
const windowSum = windowTaps.reduce((sum, weight) => sum + weight);
const windowWeights = windowTaps.map((weight) => weight / windowSum);

/** The four windowed means that SSIM needs: x, y, x^2 + y^2 and x y. */
const momentCount = 4;

/** Means over the places where the window lies inside two planes. */
export interface PlaneSimilarity {
  /** Of luminance, contrast and structure together: SSIM. */
  readonly whole: number;
  /** Of contrast and structure alone. */
  readonly structure: number;
}

/**
 * The similarity of two planes on the scale 0..255 of at least WINDOW_SIZE pixels each way: with
 * Gaussian-weighted means m, variances v and covariance c in a window, contrast and structure are
 * (2 c + C2) / (v1 + v2 + C2) and luminance is (2 m1 m2 + C1) / (m1^2 + m2^2 + C1).
 */
export function planeSimilarity(
  x: Float64Array,
  y: Float64Array,
  height: number,
  width: number,
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
  const places = across * down;
  return { whole: totals[0]! / places, structure: totals[1]! / places };
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

/** Exponents of the five scales, the finest first (Wang et al. 2003). */
const scaleExponents = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
const smallestSide = WINDOW_SIZE * 2 ** (scaleExponents.length - 1);

/**
 * Multi-scale structural similarity (Wang, Simoncelli and Bovik 2003): the product, over five
 * scales, of the mean contrast and structure to the scale's exponent, at the coarsest scale of the
 * whole SSIM; then the mean over the channels. Each scale is half the one before, by means over
 * 2 x 2 pixels, the last row or column of an odd side being repeated. A negative mean counts as 0.
 */
export function msSsim({ colourSpace = 'rgb', border = 0 }: MetricSettings = {}): Metric {
  checkBorder(border);
  return {
    name: 'ms-ssim',
    direction: 'higher',
    range: [0, 1],
    unit: '',
    colourSpace,
    border,
    version: '1',
    compute: (reference, test) => {
      const [a, b] = pairOf(reference, test, colourSpace, border);
      if (Math.min(a.height, a.width) < smallestSide)
        throw new ParameterError(
          'reference',
          `at least ${smallestSide} x ${smallestSide} pixels inside the border`,
          reference.shape,
        );
      const sum = a.planes.reduce(
        (total, plane, index) => total + overScales(plane, b.planes[index]!, a.height, a.width),
        0,
      );
      return numeric(sum / a.planes.length);
    },
  };
}

function overScales(x: Float64Array, y: Float64Array, height: number, width: number): number {
  let planes = [x, y].map((data) => ({ height, width, data }));
  let product = 1;
  for (const [scale, exponent] of scaleExponents.entries()) {
    const [first, second] = planes as [Plane, Plane];
    const similarity = planeSimilarity(first.data, second.data, first.height, first.width);
    const isCoarsest = scale === scaleExponents.length - 1;
    // Math.max keeps NaN, which must not pass for a figure.
    product *= Math.max(0, isCoarsest ? similarity.whole : similarity.structure) ** exponent;
    if (!isCoarsest) planes = planes.map((plane) => meanHalved(plane));
  }
  return product;
}
