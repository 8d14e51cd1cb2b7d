import { uniform32, uniformAt } from '../tensor/random.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import type { Range } from './settings.js';

/** What makes a bad image out of a good one. */
export interface Degradation {
  /** For people. */
  readonly name: string;
  /** Input pixels per output pixel along each axis, 1 for blur; not always whole. */
  readonly scale: number;
  /**
   * Pixels of the image around a crop that may influence it: cropped with this margin, degraded
   * and cut, it is as good as cut from the degraded image.
   */
  readonly margin: number;
  /**
   * Degrades an image; the result depends on image, seed and index alone.
   *
   * @param image [3, H, W] sRGB in [0, 1]; it is not changed, but may be returned.
   * @returns [3, H / scale, W / scale], sides rounded up.
   * @throws ParameterError for another shape or a key out of range.
   */
  apply(image: Tensor, key: RandomKey): Tensor;
}

/** Which random numbers a degradation draws: those of the image `index` under `seed`. */
export interface RandomKey {
  /** Integer in [0, 2^53). */
  readonly seed: number;
  /** Integer in [0, 2^53 - 1). */
  readonly index: number;
}

/**
 * A separate seed for one purpose: 53 random bits that depend on seed, index and purpose.
 *
 * @param purpose integer in [0, 2^31).
 * @throws ParameterError where a number is out of range.
 */
export function seedAt({ seed, index }: RandomKey, purpose = 0): number {
  const upper = uniform32(seed, 2 * purpose, index) >>> 11;
  return upper * 2 ** 32 + uniform32(seed, 2 * purpose + 1, index);
}

/** A number uniform in the range, from one uniform number. */
export function drawUniform(range: Range, seed: number, stream: number, index: number): number {
  return range.minimum + (range.maximum - range.minimum) * uniformAt(seed, stream, index);
}

/** A number whose logarithm is uniform; uniform itself where the range begins at zero. */
export function drawLogUniform(range: Range, seed: number, stream: number, index: number): number {
  if (range.minimum === 0) return drawUniform(range, seed, stream, index);
  return range.minimum * (range.maximum / range.minimum) ** uniformAt(seed, stream, index);
}

/** @throws ParameterError where the image is not [3, height, width]. */
export function checkColour(image: Tensor): void {
  if (image.shape.length !== 3 || image.shape[0] !== 3)
    throw new ParameterError('image', 'a tensor [3, height, width]', image.shape);
}

/** @throws ParameterError where a number is not finite and above zero. */
export function checkPositive(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values))
    if (!(value > 0 && Number.isFinite(value)))
      throw new ParameterError(name, 'a positive number', value);
}

/** Clamps values to [0, 1] and rounds them to multiples of 1/255, in place. */
export function roundToBytes(values: Float32Array): Float32Array {
  for (let at = 0; at < values.length; at++)
    values[at] = Math.floor(Math.min(1, Math.max(0, values[at]!)) * 255 + 0.5) / 255;
  return values;
}

/** The image with values below 0 and above 1 replaced by these. */
export function clamped({ shape, data }: Tensor): Tensor {
  return tensor(
    shape,
    data.map((value) => Math.min(1, Math.max(0, value))),
  );
}
