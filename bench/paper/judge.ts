import type { MetricColumn } from '../../src/metrics/metric.js';
import {
  holmAdjusted,
  type Interval,
  type Resampler,
  SIGNIFICANCE,
} from '../../src/metrics/statistics.js';
import { compareScores } from '../../src/reports/tables/compare-methods.js';
import type { Summarised } from '../../src/reports/tables/summarise.js';
import type { Comparison } from './table.js';

/** What scores say about a statement. */
export type Outcome = 'holds' | 'does not hold' | 'undecided';

/** By how much one row is better than another in one metric. */
export interface Gain {
  /** Mean over photographs of the improvement: positive where the row is better. */
  readonly gain: number;
  /** 95 % bootstrap interval of it. */
  readonly interval: Interval;
  readonly images: number;
  /** The gain that the statement needs to be above. */
  readonly least: number;
  /** Of the gain being that one, two-sided. */
  readonly p: number;
}

/** A gain with what it says, all statements of a table considered. */
export interface Judgement extends Gain {
  /** p adjusted by Holm's method over all statements of the table. */
  readonly adjusted: number;
  readonly outcome: Outcome;
}

/**
 * Compares two methods photograph by photograph, seeds averaged before.
 * @returns undefined with fewer than two photographs that both have a finite score of.
 */
export function gainOf(
  row: Summarised,
  against: Summarised,
  { key, direction }: Pick<MetricColumn, 'key' | 'direction'>,
  expected: Comparison['expected'],
  draws: Resampler,
): Gain | undefined {
  const least = expected === 'better' ? 0 : -expected.within;
  const sign = direction === 'higher' ? 1 : -1;
  const found = compareScores(row, against, key, draws, sign * least);
  if (found === undefined) return undefined;
  const { difference, interval, items: images, p } = found;
  const ends = [sign * interval.low, sign * interval.high];
  return {
    ...{ gain: sign * difference, images, least, p },
    interval: { low: Math.min(...ends), high: Math.max(...ends) },
  };
}

/**
 * What the statements of a table are worth together: one holds where the gain is above what it needs
 * and the adjusted p below 0.05, does not where it is below with such a p, and is undecided
 * otherwise.
 */
export function judge(gains: readonly Gain[]): Judgement[] {
  const adjusted = holmAdjusted(gains.map(({ p }) => p));
  return gains.map((own, index): Judgement => {
    const isSure = adjusted[index]! < SIGNIFICANCE;
    const outcome = !isSure ? 'undecided' : own.gain > own.least ? 'holds' : 'does not hold';
    return { ...own, adjusted: adjusted[index]!, outcome };
  });
}
