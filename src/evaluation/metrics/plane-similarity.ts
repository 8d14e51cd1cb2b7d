/** Side of the Gaussian window. */
export const WINDOW_SIZE = 11;
const deviation = 1.5;
const c1 = (0.01 * 255) ** 2;
const c2 = (0.03 * 255) ** 2;

const gaussian = Float64Array.from({ length: WINDOW_SIZE }, (_, tap) =>
  Math.exp(-((tap - (WINDOW_SIZE - 1) / 2) ** 2) / (2 * deviation ** 2)),
);
const gaussianSum = gaussian.reduce((sum, weight) => sum + weight);
const weights = gaussian.map((weight) => weight / gaussianSum);

/** The four windowed means that SSIM needs: x, y, x^2 + y^2 and x y. */
const fields = 4;

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
  const products = Array.from({ length: fields }, () => new Float64Array(width));
  // The last eleven rows, filtered along the row: all that the filter down the columns reads.
  const recent = Array.from({ length: WINDOW_SIZE }, () => new Float64Array(fields * across));
  const means = new Float64Array(fields * across);
  const totals = new Float64Array(2);
  for (let row = 0; row < height; row++) {
    multiply(x, y, row * width, products);
    filterRow(products, recent[row % WINDOW_SIZE]!, across);
    if (row < WINDOW_SIZE - 1) continue;
    means.fill(0);
    for (let tap = 0; tap < WINDOW_SIZE; tap++)
      accumulate(means, recent[(row + 1 + tap) % WINDOW_SIZE]!, weights[tap]!);
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
