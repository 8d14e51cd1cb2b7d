import { ParameterError } from '../../tensor/errors.js';
import type { Metric, MetricSettings } from './metric.js';
import { checkBorder, numeric, pairOf } from './planes.js';

const windowSize = 11;
const deviation = 1.5;
const c1 = (0.01 * 255) ** 2;
const c2 = (0.03 * 255) ** 2;

/**
 * Structural similarity (Wang et al. 2004) with the Gaussian window of 11 x 11 pixels and standard
 * deviation 1.5, averaged over the places where the window lies inside the picture, then over the
 * channels; 1 for equal pictures.
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
      if (Math.min(a.height, a.width) < windowSize)
        throw new ParameterError(
          'reference',
          `at least ${windowSize} x ${windowSize} pixels inside the border`,
          reference.shape,
        );
      const sum = a.planes.reduce(
        (total, plane, index) => total + planeSsim(plane, b.planes[index]!, a.height, a.width),
        0,
      );
      return numeric(sum / a.planes.length);
    },
  };
}

const gaussian = Float64Array.from({ length: windowSize }, (_, tap) =>
  Math.exp(-((tap - (windowSize - 1) / 2) ** 2) / (2 * deviation ** 2)),
);
const gaussianSum = gaussian.reduce((sum, weight) => sum + weight);
const weights = gaussian.map((weight) => weight / gaussianSum);

/** The four windowed means that SSIM needs: x, y, x^2 + y^2 and x y. */
const fields = 4;

function planeSsim(x: Float64Array, y: Float64Array, height: number, width: number): number {
  const across = width - windowSize + 1;
  const down = height - windowSize + 1;
  const products = Array.from({ length: fields }, () => new Float64Array(width));
  // The last eleven rows, filtered along the row: all that the filter down the columns reads.
  const recent = Array.from({ length: windowSize }, () => new Float64Array(fields * across));
  const means = new Float64Array(fields * across);
  let total = 0;
  for (let row = 0; row < height; row++) {
    multiply(x, y, row * width, products);
    filterRow(products, recent[row % windowSize]!, across);
    if (row < windowSize - 1) continue;
    means.fill(0);
    for (let tap = 0; tap < windowSize; tap++)
      accumulate(means, recent[(row + 1 + tap) % windowSize]!, weights[tap]!);
    total += rowSsim(means, across);
  }
  return total / (across * down);
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
  const [w0, w1, w2, w3, w4, w5] = weights as unknown as [
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

function rowSsim(means: Float64Array, across: number): number {
  let sum = 0;
  for (let i = 0; i < across; i++) {
    const a = means[i]!;
    const b = means[across + i]!;
    const product = a * b;
    const squares = a * a + b * b;
    const variances = means[2 * across + i]! - squares;
    const covariance = means[3 * across + i]! - product;
    sum += ((2 * product + c1) * (2 * covariance + c2)) / ((squares + c1) * (variances + c2));
  }
  return sum;
}
