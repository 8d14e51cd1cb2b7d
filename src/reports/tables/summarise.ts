import type { MetricColumn, SetMetric } from '../../metrics/metric.js';
import {
  deviation,
  type Interval,
  mean,
  meanInterval,
  percentileInterval,
  type Resampler,
} from '../../metrics/statistics.js';
import type { BenchmarkRecord } from './record.js';

/** A metric over images and seeds. */
export interface MetricSummary {
  /** Over images, whose scores are means over seeds. */
  readonly mean: number;
  /** 95 % bootstrap interval over images; null of a single image, or of infinite scores. */
  readonly interval: Interval | null;
  /** Sample standard deviation over seeds of the mean over images; null of a single seed. */
  readonly deviation: number | null;
  /** Images that have a score. */
  readonly items: number;
}

/** A method on a data set. Costs and times are means over images and seeds. */
export interface SummaryRow {
  readonly dataset: string;
  readonly method: string;
  /** Images that all its seeds have scores of. */
  readonly items: number;
  /** Images of the data set. */
  readonly expected: number;
  readonly seeds: readonly number[];
  /** By `metricKey`; without metrics that no image has. */
  readonly metrics: Readonly<Record<string, MetricSummary>>;
  readonly nfe: number | null;
  readonly parameters: number | null;
  readonly macs: number | null;
  readonly roughMacs: boolean;
  readonly seconds: number | null;
}

/** What scores of one method on one data set are made of. */
export interface Summarised {
  readonly records: readonly BenchmarkRecord[];
  /** Scores of set metrics, by `metricKey`. */
  readonly setScores?: ReadonlyMap<string, SetScore> | undefined;
}

/**
 * The scores of one method on one data set. Images that some seed lacks are ignored, so that
 * seeds are compared on the same ones; so are, of a metric alone, those that it cannot judge, such
 * as ones with too few pixels.
 */
export function summarise(
  { dataset, method, expected }: Pick<SummaryRow, 'dataset' | 'method' | 'expected'>,
  { records, setScores }: Summarised,
  columns: readonly MetricColumn[],
  draws: Resampler,
): SummaryRow {
  const seeds = [...new Set(records.map(({ seed }) => seed))].sort((a, b) => a - b);
  const counts = new Map<string, number>();
  for (const { item } of records) counts.set(item, (counts.get(item) ?? 0) + 1);
  const used = records.filter(({ item }) => counts.get(item) === seeds.length);
  const items = used.length / Math.max(1, seeds.length);
  const metrics: Record<string, MetricSummary> = {};
  for (const { key } of columns) {
    const summary = setScores?.get(key) ?? summaryOf(used, seeds, key, draws);
    if (summary === undefined) continue;
    const { mean: own, interval, deviation: overSeeds, items: judged } = summary;
    metrics[key] = { mean: own, interval, deviation: overSeeds, items: judged };
  }
  return {
    ...{ dataset, method, expected, seeds, metrics, items },
    nfe: meanOf(used, 'nfe'),
    parameters: meanOf(used, 'parameters'),
    macs: meanOf(used, 'macs'),
    roughMacs: used.some(({ roughMacs }) => roughMacs),
    seconds: meanOf(used, 'seconds'),
  };
}

function summaryOf(
  records: readonly BenchmarkRecord[],
  seeds: readonly number[],
  key: string,
  draws: Resampler,
): MetricSummary | undefined {
  const scores = imageScores(records, key);
  if (scores.size === 0) return undefined;
  const values = [...scores.values()];
  const means = seeds.map((seed) =>
    mean(
      records.flatMap((record) =>
        record.seed === seed && scores.has(record.item) ? [record.values[key]!] : [],
      ),
    ),
  );
  return {
    mean: mean(values),
    interval: meanInterval(values, draws),
    deviation: deviation(means),
    items: scores.size,
  };
}

function meanOf(
  records: readonly BenchmarkRecord[],
  name: 'nfe' | 'parameters' | 'macs' | 'seconds',
): number | null {
  const values = records.flatMap((record) => record[name] ?? []);
  return values.length === records.length && values.length > 0 ? mean(values) : null;
}

/** The score of a method's results as a set. */
export interface SetScore {
  /** Images of the set. */
  readonly items: number;
  /** Over seeds, of the score of all images. */
  readonly mean: number;
  /** Sample standard deviation over seeds; null of a single seed. */
  readonly deviation: number | null;
  /** Null of a single image. */
  readonly interval: Interval | null;
  /**
   * The score of each resample, a mean over seeds, centred on that of all images; resamples of
   * another method are the same.
   */
  readonly resampled: readonly number[];
}

/**
 * The score of a set of images and its bootstrap: in every resample the score is computed anew
 * from the sketches of the images in it, results and targets together. A resample holds fewer
 * different images than the set, for which distances between distributions are larger on the whole:
 * scores of resamples are shifted so that their mean is the score of the set, and show its spread.
 * @param results for each seed the sketches of all images.
 * @param targets their sketches, in the same order.
 * @throws what the metric throws.
 */
export function setScore(
  metric: SetMetric,
  results: readonly (readonly Uint8Array[])[],
  targets: readonly Uint8Array[],
  draws: Resampler,
): SetScore {
  const all = targets.map((_, place) => place);
  const resamples = targets.length < 2 ? [] : draws.of(targets.length);
  const sums = new Array<number>(resamples.length).fill(0);
  const scores = results.map((sketches) => {
    const scoreOf = metric.prepare(sketches, targets);
    resamples.forEach((picks, resample) => {
      sums[resample]! += scoreOf(picks) / results.length;
    });
    return scoreOf(all);
  });
  const score = mean(scores);
  const shift = score - mean(sums);
  const resampled = sums.map((sum) => sum + shift);
  return {
    items: targets.length,
    mean: score,
    deviation: deviation(scores),
    interval: resampled.length === 0 ? null : percentileInterval(resampled),
    resampled,
  };
}

/**
 * The score of each image in one metric, averaged over seeds, so that seeds of one image never
 * count as images of their own. Images that some seed lacks are ignored.
 * @param records of one method on one data set.
 * @param key see `metricKey`.
 * @returns scores by the names of the images.
 */
export function imageScores(records: readonly BenchmarkRecord[], key: string): Map<string, number> {
  const seeds = new Set(records.map(({ seed }) => seed)).size;
  const all = new Map<string, number[]>();
  for (const { item, values } of records) {
    const value = values[key];
    if (value === undefined) continue;
    const own = all.get(item);
    if (own === undefined) all.set(item, [value]);
    else own.push(value);
  }
  const whole = [...all].filter(([, values]) => values.length === seeds);
  return new Map(whole.map(([item, values]) => [item, mean(values)]));
}
