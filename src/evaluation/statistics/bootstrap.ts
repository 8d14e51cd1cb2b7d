import { ParameterError } from '../../tensor/errors.js';
import { integerAt } from '../../tensor/random.js';

/** How resamples are drawn. */
export interface BootstrapOptions {
  /** Number of resamples; default 2000. */
  readonly resamples?: number | undefined;
  /** Seed of the draws; default 0. */
  readonly seed?: number | undefined;
}

/** A range that holds a figure with the stated confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The places of the photographs that a resample consists of. */
export type Resample = readonly number[];

/** Confidence of intervals everywhere in this package. */
export const CONFIDENCE = 0.95;

const DEFAULT_RESAMPLES = 2000;

/**
 * Bootstrap resamples of so many photographs, drawn with replacement, each as large as the set. The
 * place k of resample r is a function of seed, r and k alone, so that all methods of a benchmark are
 * resampled alike and differences between them stay paired. Sets of one size share their resamples.
 * @example
 * const draws = new Resampler({ resamples: 2000, seed: 0 });
 * draws.of(100)[0]; // 100 places in [0, 100)
 */
export class Resampler {
  /** Number of resamples. */
  readonly resamples: number;
  readonly #seed: number;
  readonly #known = new Map<number, readonly Resample[]>();

  /** @throws ParameterError where the number is not a positive integer. */
  constructor({ resamples = DEFAULT_RESAMPLES, seed = 0 }: BootstrapOptions = {}) {
    if (!Number.isInteger(resamples) || resamples < 1)
      throw new ParameterError('resamples', 'a positive integer', resamples);
    this.resamples = resamples;
    this.#seed = seed;
  }

  /** @throws ParameterError where there is nothing to draw from. */
  of(count: number): readonly Resample[] {
    const known = this.#known.get(count);
    if (known !== undefined) return known;
    if (!Number.isInteger(count) || count < 1)
      throw new ParameterError('count', 'at least one photograph', count);
    const made = Array.from({ length: this.resamples }, (_, resample) =>
      Array.from({ length: count }, (_, place) => integerAt(this.#seed, resample, place, count)),
    );
    this.#known.set(count, made);
    return made;
  }
}

/**
 * The percentile bootstrap interval of a figure (Efron 1979): the quantiles (1 - confidence) / 2 and
 * (1 + confidence) / 2 of the figure over resamples.
 * @param figures of the resamples, in any order.
 * @throws ParameterError for no figures, or ones that are not finite.
 */
export function percentileInterval(figures: readonly number[], confidence = CONFIDENCE): Interval {
  const stray = figures.find((figure) => !Number.isFinite(figure));
  if (figures.length === 0 || stray !== undefined)
    throw new ParameterError('figures', 'finite numbers', stray ?? 'none');
  const sorted = Float64Array.from(figures).sort();
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
 * rarer side of zero, which agrees with the percentile interval. The figure itself counts as one
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
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
