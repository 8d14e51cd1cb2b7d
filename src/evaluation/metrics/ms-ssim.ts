import { ParameterError } from '../../tensor/errors.js';
import { meanHalved, type Plane } from './filters.js';
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
  let planes = [x, y].map((data) => ({ height, width, data }));
  let product = 1;
  for (const [scale, exponent] of exponents.entries()) {
    const [first, second] = planes as [Plane, Plane];
    const similarity = planeSimilarity(first.data, second.data, first.height, first.width);
    const isCoarsest = scale === exponents.length - 1;
    // Math.max keeps NaN, which must not pass for a figure.
    product *= Math.max(0, isCoarsest ? similarity.whole : similarity.structure) ** exponent;
    if (!isCoarsest) planes = planes.map((plane) => meanHalved(plane));
  }
  return product;
}
