import { ParameterError } from '../utils/errors.js';
import { meanHalved } from './filters.js';
import { pairMetric } from './metric.js';
import { type Plane, ycbcrPlane } from './planes.js';
import { deviation } from './statistics.js';

/** Keeps the similarity of small gradients near 1; for luma of 0..255. */
const constant = 170;

/**
 * Gradient magnitude similarity deviation (Xue, Zhang, Mou and Bovik 2014): the standard deviation,
 * over the pixels of the halved luma, of (2 a b + 170) / (a^2 + b^2 + 170) with the gradient
 * magnitudes a and b of reference and test by the Prewitt operator; 0 for equal images. As in the
 * authors' code, luma is that of MATLAB's `rgb2gray` on 0..255 (not `rgb2ycbcr`), zeros lie beyond
 * the edges, and the deviation is that of a sample.
 *
 * @example gmsd.open({ border: 4 }).measure(restored, target)
 */
export const gmsd = pairMetric({
  name: 'gmsd',
  title: 'deviation of the similarity of gradients',
  judges: 'distortion',
  isDefault: false,
  colourSpaces: ['luma'],
  direction: 'lower',
  range: [0, 1],
  unit: '',
  version: '1 full-range luma',
  compute: (reference, test) => {
    const [, height, width] = reference.shape as [number, number, number];
    if (Math.max(height, width) < 3)
      throw new ParameterError(
        'reference',
        'at least 3 pixels one way inside the border',
        reference.shape,
      );
    const [a, b] = [reference, test].map((image) =>
      gradientMagnitudes(meanHalved({ height, width, data: ycbcrPlane(image, 'y') }, 'zero')),
    );
    return deviation(a!.map((value, at) => similarity(value, b![at]!))) ?? Number.NaN;
  },
});

function similarity(a: number, b: number): number {
  return (2 * a * b + constant) / (a * a + b * b + constant);
}

/** Magnitudes of the gradients by the Prewitt operator over 3, zeros beyond the edges. */
function gradientMagnitudes({ height, width, data }: Plane): Float64Array {
  const result = new Float64Array(data.length);
  const wide = width + 2;
  const padded = new Float64Array(wide * (height + 2));
  for (let row = 0; row < height; row++)
    padded.set(data.subarray(row * width, (row + 1) * width), (row + 1) * wide + 1);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const above = row * wide + column;
      const [here, below] = [above + wide, above + 2 * wide];
      const left = padded[above]! + padded[here]! + padded[below]!;
      const right = padded[above + 2]! + padded[here + 2]! + padded[below + 2]!;
      const top = padded[above]! + padded[above + 1]! + padded[above + 2]!;
      const bottom = padded[below]! + padded[below + 1]! + padded[below + 2]!;
      result[row * width + column] = Math.sqrt((right - left) ** 2 + (bottom - top) ** 2) / 3;
    }
  return result;
}
