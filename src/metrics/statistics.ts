import { integerAt, uniform32 } from '../tensor/random.js';
import { ParameterError } from '../utils/errors.js';

/** How resamples are drawn. */
export interface BootstrapOptions {
  /** Number of resamples; default 2000. */
  readonly resamples?: number | undefined;
  /** Seed of the draws; default 0. */
  readonly seed?: number | undefined;
}

/** A range that holds a score with the stated confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The positions of the photographs that a resample consists of. */
type Resample = readonly number[];

/** Confidence of intervals everywhere in this package. */
const CONFIDENCE = 0.95;

const DEFAULT_RESAMPLES = 2000;

/**
 * Bootstrap resamples of so many photographs, drawn with replacement, each as large as the set. The
 * position k of resample r is a function of seed, r and k alone, so that all methods of a benchmark are
 * resampled alike and differences between them stay paired. Sets of one size share their resamples.
 * @example
 * const draws = new Resampler({ resamples: 2000, seed: 0 });
 * draws.of(100)[0]; // 100 positions in [0, 100)
 */
export class Resampler {
  /** Number of resamples. */
  readonly resamples: number;
  readonly #seed: number;
  readonly #cached = new Map<number, readonly Resample[]>();

  /** @throws ParameterError where the number is not a positive integer. */
  constructor({ resamples = DEFAULT_RESAMPLES, seed = 0 }: BootstrapOptions = {}) {
    if (!Number.isInteger(resamples) || resamples < 1)
      throw new ParameterError('resamples', 'a positive integer', resamples);
    this.resamples = resamples;
    this.#seed = seed;
  }

  /** @throws ParameterError where there is nothing to draw from. */
  of(count: number): readonly Resample[] {
    const cached = this.#cached.get(count);
    if (cached !== undefined) return cached;
    if (!Number.isInteger(count) || count < 1)
      throw new ParameterError('count', 'at least one photograph', count);
    const made = Array.from({ length: this.resamples }, (_, resample) =>
      Array.from({ length: count }, (_, position) =>
        integerAt(this.#seed, resample, position, count),
      ),
    );
    this.#cached.set(count, made);
    return made;
  }
}

/**
 * The percentile bootstrap interval of a score (Efron 1979): the quantiles (1 - confidence) / 2 and
 * (1 + confidence) / 2 of the score over resamples.
 * @param scores of the resamples, in any order.
 * @throws ParameterError for no scores, or ones that are not finite.
 */
export function percentileInterval(scores: readonly number[], confidence = CONFIDENCE): Interval {
  const stray = scores.find((score) => !Number.isFinite(score));
  if (scores.length === 0 || stray !== undefined)
    throw new ParameterError('scores', 'finite numbers', stray ?? 'none');
  const sorted = Float64Array.from(scores).sort();
  const tail = (1 - confidence) / 2;
  return { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
}

/**
 * Means of resampled values, in the order of the resamples.
 * @param values one for each photograph.
 */
export function resampledMeans(values: readonly number[], draws: Resampler): number[] {
  return draws.of(values.length).map((picks) => {
    let sum = 0;
    for (const pick of picks) sum += values[pick]!;
    return sum / values.length;
  });
}

/**
 * The bootstrap interval of the mean over photographs; null for fewer than two or for values that
 * are not finite, of which there is none. Differences between two methods of the same photographs
 * are values too: their interval is that of the paired difference.
 * @example
 * meanInterval([28.1, 30.4, 26.9, 31.2], new Resampler()); // { low: 27.5, high: 30.8 } or so
 */
export function meanInterval(values: readonly number[], draws: Resampler): Interval | null {
  if (values.length < 2 || !values.every(Number.isFinite)) return null;
  return percentileInterval(resampledMeans(values, draws));
}

/**
 * The two-sided p value of a difference from its bootstrap: twice the share of resamples on the
 * rarer side of zero, which agrees with the percentile interval. The score itself counts as one
 * resample, so that p is never 0 (Davison and Hinkley 1997, 4.11).
 * @param differences of the resamples.
 */
export function bootstrapP(differences: readonly number[]): number {
  const atMost = differences.filter((difference) => difference <= 0).length;
  const atLeast = differences.filter((difference) => difference >= 0).length;
  return Math.min(1, (2 * (1 + Math.min(atMost, atLeast))) / (1 + differences.length));
}

/** Between order statistics, linearly. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

/** How often signs are flipped at random. */
export interface SignFlipOptions {
  /** Assignments of signs; all of them are tried where there are no more. Default 10000. */
  readonly permutations?: number | undefined;
  /** Seed of the draws; default 0. */
  readonly seed?: number | undefined;
}

const DEFAULT_PERMUTATIONS = 10_000;
/** Sums that differ by rounding alone are equal. */
const ROUNDING = 1e-12;

/**
 * The two-sided p value of the paired sign-flip permutation test (Fisher 1935): if two methods do
 * not differ, the difference on each photograph is as likely with the opposite sign. p is the share
 * of assignments of signs whose mean is at least as far from zero as the one found. All 2^n are
 * tried where `permutations` allows it, else as many are drawn and the one found counts among them,
 * so that p is at least 1 / (1 + permutations).
 *
 * It needs no normal distribution, and it is honest on few photographs: five cannot give less than
 * 2 / 2^5 = 0.0625.
 *
 * @param differences of two methods, one for each photograph.
 * @throws ParameterError for no differences, or ones that are not finite.
 * @example
 * signFlipP([0.3, 0.1, 0.2, 0.4, 0.2, 0.1]); // 2 / 64 = 0.03125
 */
export function signFlipP(
  differences: readonly number[],
  { permutations = DEFAULT_PERMUTATIONS, seed = 0 }: SignFlipOptions = {},
): number {
  const stray = differences.find((difference) => !Number.isFinite(difference));
  if (differences.length === 0 || stray !== undefined)
    throw new ParameterError('differences', 'finite numbers', stray ?? 'none');
  if (!Number.isInteger(permutations) || permutations < 1)
    throw new ParameterError('permutations', 'a positive integer', permutations);
  const size = differences.reduce((sum, difference) => sum + Math.abs(difference), 0);
  const found = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
  const least = found - ROUNDING * size;
  const isExact = 2 ** differences.length <= permutations;
  const count = isExact ? 2 ** differences.length : permutations;
  let extreme = 0;
  for (let permutation = 0; permutation < count; permutation++) {
    const wordAt = isExact
      ? () => permutation
      : (index: number) => uniform32(seed, permutation, index);
    if (Math.abs(flippedSum(differences, wordAt)) >= least) extreme++;
  }
  return isExact ? extreme / count : (1 + extreme) / (1 + count);
}

/** The sum with the signs that the bits of words say, 32 of them in each. */
function flippedSum(differences: readonly number[], wordAt: (index: number) => number): number {
  let [sum, word] = [0, 0];
  for (const [index, difference] of differences.entries()) {
    if (index % 32 === 0) word = wordAt(index / 32);
    sum += (word >>> (index % 32)) & 1 ? -difference : difference;
  }
  return sum;
}

/** Level below which an adjusted p value is significant, everywhere in this package. */
export const SIGNIFICANCE = 0.05;

/**
 * Holm's step-down adjustment (Holm 1979): with p_(1) <= ... <= p_(m), the adjusted value of p_(k)
 * is the largest of (m - j + 1) p_(j) over j <= k, at most 1. Rejecting what is below a level then
 * keeps the chance of a single false rejection among all m below that level, whatever the
 * comparisons have to do with each other.
 * @param values p values of one family, in any order.
 * @returns adjusted ones in the same order.
 * @throws ParameterError for a value outside [0, 1].
 * @example
 * holmAdjusted([0.01, 0.04, 0.03]); // [0.03, 0.06, 0.06]
 */
export function holmAdjusted(values: readonly number[]): number[] {
  const stray = values.find((value) => !(value >= 0 && value <= 1));
  if (stray !== undefined) throw new ParameterError('values', 'p values in [0, 1]', stray);
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const adjusted = new Array<number>(values.length);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (values.length - rank) * values[index]!));
    adjusted[index] = largest;
  }
  return adjusted;
}

/** The mean; NaN of no values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return sum / values.length;
}

/** The sample standard deviation; null of fewer than two values, or an infinite mean. */
export function deviation(values: ArrayLike<number>): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  if (!Number.isFinite(centre)) return null;
  let squares = 0;
  for (let index = 0; index < values.length; index++) squares += (values[index]! - centre) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}
