import { ParameterError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { ConsistencyOptions } from './make-consistent.js';

/** Standard deviation of what rounding to 8 bits adds: a uniform error of one level. */
export const roundingDeviation = 1 / 255 / Math.sqrt(12);

/**
 * How much `makeConsistent` may believe a measurement of which nothing is known but its pixels: as
 * noisy as `noiseDeviation` finds it, at least as rounding to 8 bits makes it. Noise is then not
 * copied into the restored image, and a clean measurement is still met to a level or so.
 * `docs/consistency.md` has what this gains and costs for inputs of many kinds.
 *
 * @param measurement [C, h, w], the whole of it where parts are made consistent one by one.
 * @param priorVariance mean squared error of the estimates; about 0.002 for the sr4 pack.
 * @param leastDeviation of the noise where more is known; 2 / 255 suits JPEG files, whose errors
 * flat areas do not show.
 * @throws ParameterError for another shape or numbers that are not positive.
 * @example
 * const options = cautiousConsistency(input, 0.002);
 * const result = makeConsistentWithin(bicubicReduction(4, 512, 512), restored, input, options);
 */
export function cautiousConsistency(
  measurement: Tensor,
  priorVariance: number,
  leastDeviation: number = roundingDeviation,
): ConsistencyOptions {
  for (const [name, value] of Object.entries({ priorVariance, leastDeviation }))
    if (!(value > 0 && Number.isFinite(value)))
      throw new ParameterError(name, 'a positive number', value);
  const deviation = Math.max(leastDeviation, noiseDeviation(measurement));
  return { noiseVariance: deviation * deviation, priorVariance };
}

// Blocks of 8 x 8 responses, half of which the next block shares.
const cell = 4;
const quantile = 0.02;

/**
 * An estimate of the standard deviation of white noise in an image: the mask of Immerkaer (1996),
 * which is blind to planes, over blocks of 8 x 8 pixels, of whose mean squares the 2 % quantile
 * counts, since the flattest blocks hold little else than noise. White noise reads about a tenth
 * low; an image that is textured everywhere reads high.
 *
 * @param image [C, H, W]; the noise is taken to be equal in all channels.
 * @returns in units of the values; 0 for an image too small to tell, with a side below 10.
 * @throws ParameterError for another shape.
 */
export function noiseDeviation(image: Tensor): number {
  const [channels = 0, height = 0, width = 0] = image.shape;
  if (image.shape.length !== 3)
    throw new ParameterError('image', 'a tensor [channels, height, width]', image.shape);
  const rows = Math.floor((height - 2) / cell);
  const columns = Math.floor((width - 2) / cell);
  if (channels === 0 || rows < 2 || columns < 2) return 0;
  const sums = new Float64Array(rows * columns);
  const { data } = image;
  for (let plane = 0; plane < channels; plane++)
    for (let y = 0; y < rows * cell; y++) {
      const above = (plane * height + y) * width;
      const middle = above + width;
      const below = middle + width;
      for (let x = 0; x < columns * cell; x++) {
        const left = data[above + x]! - 2 * data[middle + x]! + data[below + x]!;
        const centre = data[above + x + 1]! - 2 * data[middle + x + 1]! + data[below + x + 1]!;
        const right = data[above + x + 2]! - 2 * data[middle + x + 2]! + data[below + x + 2]!;
        const response = left - 2 * centre + right;
        sums[Math.floor(y / cell) * columns + Math.floor(x / cell)]! += response * response;
      }
    }
  const blocks = new Float64Array((rows - 1) * (columns - 1));
  for (let row = 0, at = 0; row < rows - 1; row++)
    for (let column = 0; column < columns - 1; column++, at++) {
      const first = row * columns + column;
      blocks[at] =
        sums[first]! + sums[first + 1]! + sums[first + columns]! + sums[first + columns + 1]!;
    }
  blocks.sort();
  const energy = blocks[Math.floor(quantile * (blocks.length - 1))]!;
  // The squares of the mask's weights sum to 36.
  return Math.sqrt(energy / (4 * cell * cell * channels * 36));
}
