import { ParameterError } from '../../tensor/errors.js';
import type { Metric, MetricSettings } from './metric.js';
import { planeSimilarity, WINDOW_SIZE } from './plane-similarity.js';
import { checkBorder, numeric, pairOf } from './planes.js';

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
