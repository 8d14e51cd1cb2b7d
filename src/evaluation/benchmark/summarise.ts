import { type Interval, meanInterval, type Resampler } from '../statistics/bootstrap.js';
import { imageFigures } from './image-figures.js';
import { deviation, mean } from './mean.js';
import type { MetricColumn } from './metric-column.js';
import type { BenchmarkRecord } from './record.js';
import type { SetFigure } from './set-figure.js';

/** A metric over images and seeds. */
export interface MetricSummary {
  /** Over images, whose figures are means over seeds. */
  readonly mean: number;
  /** 95 % bootstrap interval over images; null of a single image, or of infinite figures. */
  readonly interval: Interval | null;
  /** Sample standard deviation over seeds of the mean over images; null of a single seed. */
  readonly deviation: number | null;
  /** Images that have a figure. */
  readonly items: number;
}

/** A method on a data set. Costs and times are means over pictures and seeds. */
export interface SummaryRow {
  readonly dataset: string;
  readonly method: string;
  /** Pictures that all its seeds have figures of. */
  readonly items: number;
  /** Pictures of the data set. */
  readonly expected: number;
  readonly seeds: readonly number[];
  /** By `metricKey`; a metric that no picture has is left out. */
  readonly metrics: Readonly<Record<string, MetricSummary>>;
  readonly nfe: number | null;
  readonly parameters: number | null;
  readonly macs: number | null;
  readonly roughMacs: boolean;
  readonly seconds: number | null;
}

/** What figures of one method on one data set are made of. */
export interface Summarised {
  readonly records: readonly BenchmarkRecord[];
  /** Figures of set metrics, by `metricKey`. */
  readonly setFigures?: ReadonlyMap<string, SetFigure> | undefined;
}

/**
 * The figures of one method on one data set. Pictures that some seed lacks are left out, so that
 * seeds are compared on the same ones; so are, of a metric alone, those that it cannot judge, such
 * as ones with too few pixels.
 */
export function summarise(
  { dataset, method, expected }: Pick<SummaryRow, 'dataset' | 'method' | 'expected'>,
  { records, setFigures }: Summarised,
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
    const summary = setFigures?.get(key) ?? summaryOf(used, seeds, key, draws);
    if (summary === undefined) continue;
    const { mean: own, interval, deviation: spread, items: judged } = summary;
    metrics[key] = { mean: own, interval, deviation: spread, items: judged };
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
  const figures = imageFigures(records, key);
  if (figures.size === 0) return undefined;
  const values = [...figures.values()];
  const means = seeds.map((seed) =>
    mean(
      records.flatMap((record) =>
        record.seed === seed && figures.has(record.item) ? [record.values[key]!] : [],
      ),
    ),
  );
  return {
    mean: mean(values),
    interval: meanInterval(values, draws),
    deviation: deviation(means),
    items: figures.size,
  };
}

function meanOf(
  records: readonly BenchmarkRecord[],
  name: 'nfe' | 'parameters' | 'macs' | 'seconds',
): number | null {
  const values = records.flatMap((record) => record[name] ?? []);
  return values.length === records.length && values.length > 0 ? mean(values) : null;
}
