import { ParameterError } from '../../tensor/errors.js';
import type { Metric, MetricSettings } from './metric.js';
import { planeSimilarity, WINDOW_SIZE } from './plane-similarity.js';
import { checkBorder, numeric, pairOf } from './planes.js';

/** Exponents of the five scales, the finest first (Wang et al. 2003). */
const exponents = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
const smallestSide = WINDOW_SIZE * 2 ** (exponents.length - 1);

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
  let [first, second, rows, columns] = [x, y, height, width];
  let product = 1;
  for (const [scale, exponent] of exponents.entries()) {
    const { whole, structure } = planeSimilarity(first, second, rows, columns);
    const isCoarsest = scale === exponents.length - 1;
    // Math.max keeps NaN, which must not pass for a figure.
    product *= Math.max(0, isCoarsest ? whole : structure) ** exponent;
    if (isCoarsest) break;
    first = halved(first, rows, columns);
    second = halved(second, rows, columns);
    [rows, columns] = [Math.ceil(rows / 2), Math.ceil(columns / 2)];
  }
  return product;
}

/** Means over 2 x 2 pixels; the last row or column of an odd side is repeated. */
function halved(plane: Float64Array, height: number, width: number): Float64Array {
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const upper = 2 * row * width;
    const lower = Math.min(2 * row + 1, height - 1) * width;
    for (let column = 0; column < columns; column++) {
      const left = 2 * column;
      const right = Math.min(left + 1, width - 1);
      result[row * columns + column] =
        (plane[upper + left]! +
          plane[upper + right]! +
          plane[lower + left]! +
          plane[lower + right]!) /
        4;
    }
  }
  return result;
}
