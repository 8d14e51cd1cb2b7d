import type { MethodComparison } from './compare-methods.js';
import { csvText } from './csv-records.js';
import type { MetricColumn } from './metric-column.js';
import type { SummaryRow } from './summarise.js';

/**
 * One line for each data set, method and metric, as RFC 4180 has it: mean with its interval, and
 * where methods are compared the difference from that one with interval and p.
 */
export function csvOfSummary(
  rows: readonly SummaryRow[],
  comparisons: readonly MethodComparison[],
  metrics: readonly MetricColumn[],
): string {
  const head = [
    ...['dataset', 'method', 'metric', 'items', 'seeds', 'mean', 'low', 'high', 'deviation'],
    ...['against', 'difference', 'difference low', 'difference high', 'p', 'adjusted p'],
  ];
  const lines = rows.flatMap(({ dataset, method, seeds, metrics: own }) =>
    metrics.flatMap(({ key }) => {
      const summary = own[key];
      if (summary === undefined) return [];
      const { mean, interval, deviation, items } = summary;
      const found = comparisons.find(
        (each) => each.dataset === dataset && each.method === method && each.metric === key,
      );
      return [
        [
          ...[dataset, method, key, items, seeds.length],
          ...[mean, interval?.low, interval?.high, deviation],
          ...[found?.against, found?.difference, found?.interval.low, found?.interval.high],
          ...[found?.p, found?.adjusted],
        ],
      ];
    }),
  );
  return csvText([head, ...lines]);
}
