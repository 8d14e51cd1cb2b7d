import type { MetricColumn } from './metric-column.js';
import type { BenchmarkRecord } from './record.js';

/** Mean and spread of a metric over seeds. */
export interface MetricSummary {
  /** Over pictures, then over seeds. */
  readonly mean: number;
  /** Sample standard deviation over seeds of the mean over pictures; null of a single seed. */
  readonly deviation: number | null;
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
  /** By `metricKey`; a metric that some picture lacks is left out. */
  readonly metrics: Readonly<Record<string, MetricSummary>>;
  readonly nfe: number | null;
  readonly parameters: number | null;
  readonly macs: number | null;
  readonly roughMacs: boolean;
  readonly seconds: number | null;
}

/**
 * The figures of one method on one data set. Pictures that some seed lacks are left out, so that
 * seeds are compared on the same ones.
 */
export function summarise(
  { dataset, method, expected }: Pick<SummaryRow, 'dataset' | 'method' | 'expected'>,
  records: readonly BenchmarkRecord[],
  columns: readonly MetricColumn[],
): SummaryRow {
  const seeds = [...new Set(records.map(({ seed }) => seed))].sort((a, b) => a - b);
  const counts = new Map<string, number>();
  for (const { item } of records) counts.set(item, (counts.get(item) ?? 0) + 1);
  const used = records.filter(({ item }) => counts.get(item) === seeds.length);
  const metrics: Record<string, MetricSummary> = {};
  for (const { key } of columns) {
    if (used.length === 0 || used.some(({ values }) => values[key] === undefined)) continue;
    const means = seeds.map((seed) =>
      mean(used.filter((record) => record.seed === seed).map(({ values }) => values[key]!)),
    );
    metrics[key] = { mean: mean(means), deviation: deviation(means) };
  }
  return {
    ...{ dataset, method, expected, seeds, metrics },
    items: used.length / Math.max(1, seeds.length),
    nfe: meanOf(used, 'nfe'),
    parameters: meanOf(used, 'parameters'),
    macs: meanOf(used, 'macs'),
    roughMacs: used.some(({ roughMacs }) => roughMacs),
    seconds: meanOf(used, 'seconds'),
  };
}

function meanOf(
  records: readonly BenchmarkRecord[],
  name: 'nfe' | 'parameters' | 'macs' | 'seconds',
): number | null {
  const values = records.flatMap((record) => record[name] ?? []);
  return values.length === records.length && values.length > 0 ? mean(values) : null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  if (!Number.isFinite(centre)) return null;
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
