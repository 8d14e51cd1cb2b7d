import { csvCell } from '../../files/csv.js';
import type { MetricColumn } from './metric-column.js';
import type { BenchmarkRecord } from './record.js';

/** One line for each picture, method and seed, as RFC 4180 has it. */
export function csvOfRecords(
  records: readonly BenchmarkRecord[],
  metrics: readonly MetricColumn[],
): string {
  const head = ['dataset', 'method', 'item', 'seed', 'width', 'height'];
  const costs = ['nfe', 'parameters', 'macs', 'seconds'] as const;
  const lines = records.map((record) => [
    ...[record.dataset, record.method, record.item],
    ...[record.seed, record.width, record.height],
    ...metrics.map(({ key }) => record.values[key]),
    ...costs.map((name) => record[name]),
  ]);
  return csvText([[...head, ...metrics.map(({ key }) => key), ...costs], ...lines]);
}

/** Lines of cells as RFC 4180 has them; what is not there is empty. */
export function csvText(
  lines: readonly (readonly (string | number | null | undefined)[])[],
): string {
  return lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}
