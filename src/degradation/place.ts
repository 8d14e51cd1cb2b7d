import { uniform32, uniformAt } from '../tensor/random.js';
import type { Range } from './settings.js';

/** Which random numbers a degradation draws: those of the picture `index` under `seed`. */
export interface Place {
  /** Integer in [0, 2^53). */
  readonly seed: number;
  /** Integer in [0, 2^53 - 1). */
  readonly index: number;
}

/**
 * A seed of its own for one purpose at one place: 53 random bits that depend on seed and index.
 *
 * @param purpose integer in [0, 2^31).
 * @throws ParameterError where a number is out of range.
 */
export function seedAt({ seed, index }: Place, purpose = 0): number {
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
