import type { MetricColumn } from '../../evaluation/benchmark/metric-column.js';
import type { BenchmarkRecord } from '../../evaluation/benchmark/record.js';
import { summarise } from '../../evaluation/benchmark/summarise.js';
import { resultTable } from '../../evaluation/benchmark/table.js';
import type {
  EvaluatedRow,
  EvaluateFailure,
  EvaluateRequest,
  EvaluateResult,
} from './evaluate-request.js';
import type { Plan } from './plan.js';
import { rowCommand } from './row-command.js';

/** Where figures come from, and what went wrong. */
export interface Measured extends Pick<EvaluateResult, 'missing' | 'reused'> {
  readonly find: (key: string) => BenchmarkRecord | undefined;
  readonly failures: readonly EvaluateFailure[];
}

/** The figures of what was planned, and of nothing else that a folder may hold. */
export function assembleResult(
  request: EvaluateRequest,
  { datasets, units, facts }: Plan,
  columns: readonly (MetricColumn & { readonly request: string })[],
  { find, failures, missing, reused }: Measured,
): EvaluateResult {
  const records: BenchmarkRecord[] = [];
  const unmeasured: EvaluateFailure[] = [];
  for (const { key, dataset, item, method, seed, save } of units) {
    const found = find(key);
    if (found === undefined) continue;
    // The same pixels may be known by other names from an earlier run.
    const names = { dataset, method: request.methods[method]!.name, item: item.name, seed };
    const { values, unmeasured: lacking = {}, picture: _picture, pixels: _pixels, ...rest } = found;
    const own = columns.filter((column) => values[column.key] !== undefined);
    records.push({
      ...rest,
      ...names,
      values: Object.fromEntries(own.map((column) => [column.key, values[column.key]!])),
      ...(save === undefined ? {} : { picture: save.name }),
    });
    for (const { key: metric, label } of columns)
      if (lacking[metric] !== undefined)
        unmeasured.push({ ...names, message: `${label}: ${lacking[metric]}` });
  }
  const rows: EvaluatedRow[] = datasets.flatMap(({ name: dataset, folder, items }) =>
    request.methods.map((method, index): EvaluatedRow => {
      const of = { dataset, method: method.name, expected: items.length };
      const own = records.filter(
        (record) => record.dataset === dataset && record.method === method.name,
      );
      const asked = columns.map((column) => column.request);
      const command = rowCommand(request, { folder, method, metrics: asked, facts: facts[index]! });
      return { ...summarise(of, own, columns), command };
    }),
  );
  const tables = datasets.map(({ name, items }) =>
    resultTable(
      `${name}, ${items.length} ${items.length === 1 ? 'picture' : 'pictures'}`,
      rows.filter(({ dataset }) => dataset === name),
      columns,
      (row) => (row as EvaluatedRow).command,
    ),
  );
  return { rows, tables, records, failures: [...failures, ...unmeasured], missing, reused };
}
