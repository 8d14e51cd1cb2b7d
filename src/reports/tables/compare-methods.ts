import type { MetricColumn } from '../../metrics/metric.js';
import {
  bootstrapP,
  holmAdjusted,
  type Interval,
  mean,
  meanInterval,
  percentileInterval,
  type Resampler,
  SIGNIFICANCE,
  signFlipP,
} from '../../metrics/statistics.js';
import type { BenchmarkRecord } from './record.js';
import { imageScores, type SetScore, type Summarised } from './summarise.js';

/** How two methods differ in one metric on one data set. */
export interface MethodComparison {
  readonly dataset: string;
  readonly method: string;
  /** The method that it is compared with. */
  readonly against: string;
  /** See `metricKey`. */
  readonly metric: string;
  /** Images that both have scores of. */
  readonly items: number;
  /** Mean over images of the score of the method less that of the other. */
  readonly difference: number;
  /** 95 % bootstrap interval of the paired difference. */
  readonly interval: Interval;
  /** How p was found: by flipping signs, or of set metrics from the bootstrap. */
  readonly test: 'sign-flip' | 'bootstrap';
  /** Two-sided, of this comparison alone. */
  readonly p: number;
  /** p adjusted by Holm's method over all comparisons of the table. */
  readonly adjusted: number;
  /** Whether the adjusted p is below 0.05. */
  readonly significant: boolean;
}

/** Methods on one data set. */
interface Compared {
  readonly dataset: string;
  /** By the name of the method. */
  readonly methods: ReadonlyMap<string, Summarised>;
  /** The method that all others are compared with. */
  readonly against: string;
}

/**
 * Compares methods with one of them, image by image, in all metrics; the comparisons are one
 * family, over which p is adjusted. Images that one of the two lacks, or whose score is infinite,
 * are ignored. With fewer than two images there is no comparison.
 */
export function compareMethods(
  { dataset, methods, against }: Compared,
  columns: readonly MetricColumn[],
  draws: Resampler,
): MethodComparison[] {
  const other = methods.get(against);
  if (other === undefined) return [];
  const raw = [...methods].flatMap(([method, own]) =>
    method === against
      ? []
      : columns.flatMap(({ key }) => {
          const found = compareScores(own, other, key, draws);
          return found === undefined ? [] : [{ dataset, method, against, metric: key, ...found }];
        }),
  );
  const adjusted = holmAdjusted(raw.map(({ p }) => p));
  return raw.map((comparison, index) => ({
    ...comparison,
    adjusted: adjusted[index]!,
    significant: adjusted[index]! < SIGNIFICANCE,
  }));
}

/** How two methods differ in one metric, taken by itself. */
type ScoreComparison = Pick<MethodComparison, 'items' | 'difference' | 'interval' | 'test' | 'p'>;

/**
 * Compares two methods on the same data set in one metric.
 * @param key of the metric, see `metricKey`.
 * @param expected the difference that p is of.
 * @returns undefined with fewer than two images that both have finite scores of.
 */
export function compareScores(
  own: Summarised,
  other: Summarised,
  key: string,
  draws: Resampler,
  expected = 0,
): ScoreComparison | undefined {
  const [ofSet, otherSet] = [own.setScores?.get(key), other.setScores?.get(key)];
  if (ofSet !== undefined && otherSet !== undefined)
    return sameImages(own.records, other.records)
      ? comparedSets(ofSet, otherSet, expected)
      : undefined;
  const differences = pairedDifferences(own.records, other.records, key);
  const interval = meanInterval(differences, draws);
  if (interval === null) return undefined;
  return {
    ...{ items: differences.length, difference: mean(differences), interval },
    ...{ test: 'sign-flip', p: signFlipP(differences.map((difference) => difference - expected)) },
  };
}

/** Scores of one method less those of another, of the images that both have finite scores of. */
function pairedDifferences(
  own: readonly BenchmarkRecord[],
  other: readonly BenchmarkRecord[],
  key: string,
): number[] {
  const theirs = imageScores(other, key);
  return [...imageScores(own, key)].flatMap(([item, value]) => {
    const difference = value - (theirs.get(item) ?? Number.NaN);
    return Number.isFinite(difference) ? [difference] : [];
  });
}

function comparedSets(
  own: SetScore,
  other: SetScore,
  expected: number,
): ScoreComparison | undefined {
  const differences = own.resampled.map((score, resample) => score - other.resampled[resample]!);
  if (differences.length === 0 || own.items !== other.items) return undefined;
  return {
    ...{
      items: own.items,
      difference: own.mean - other.mean,
      interval: percentileInterval(differences),
    },
    ...{ test: 'bootstrap', p: bootstrapP(differences.map((difference) => difference - expected)) },
  };
}

function namesOf(records: readonly BenchmarkRecord[]): Set<string> {
  return new Set(records.map(({ item }) => item));
}

/** A difference between sets says something of methods only where the images are the same. */
function sameImages(own: readonly BenchmarkRecord[], other: readonly BenchmarkRecord[]): boolean {
  const [ours, theirs] = [namesOf(own), namesOf(other)];
  return ours.size === theirs.size && [...ours].every((name) => theirs.has(name));
}
