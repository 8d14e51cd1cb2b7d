import { compareMethods } from '../../evaluation/benchmark/compare-methods.js';
import type { MetricColumn } from '../../evaluation/benchmark/metric-column.js';
import type { BenchmarkRecord } from '../../evaluation/benchmark/record.js';
import { type Summarised, summarise } from '../../evaluation/benchmark/summarise.js';
import { comparisonTable, resultTable } from '../../evaluation/benchmark/table.js';
import type { Resampler } from '../../evaluation/statistics/bootstrap.js';
import type {
  EvaluatedRow,
  EvaluateFailure,
  EvaluateRequest,
  EvaluateResult,
} from './evaluate-request.js';
import type { Plan } from './plan.js';
import { rowCommand } from './row-command.js';
import type { SetFigures } from './set-figures.js';

/** Where figures come from, and what went wrong. */
export interface Measured extends Pick<EvaluateResult, 'missing' | 'reused'> {
  readonly find: (key: string) => BenchmarkRecord | undefined;
  readonly failures: readonly EvaluateFailure[];
  readonly setFiguresOf: SetFigures;
  readonly draws: Resampler;
}

/** The figures of what was planned, and of nothing else that a folder may hold. */
export function assembleResult(
  request: EvaluateRequest,
  { datasets, units, facts }: Plan,
  columns: readonly (MetricColumn & { readonly request: string })[],
  { find, failures, missing, reused, setFiguresOf, draws }: Measured,
): EvaluateResult {
  const records: BenchmarkRecord[] = [];
  const lacks: (EvaluateFailure & { readonly key: string })[] = [];
  for (const { key, dataset, item, method, seed, save } of units) {
    const found = find(key);
    if (found === undefined) continue;
    // The same pixels may be known by other names from an earlier run.
    const names = { dataset, method: request.methods[method]!.name, item: item.name, seed };
    const {
      values,
      unmeasured: lacking = {},
      picture: _picture,
      pixels: _pixels,
      ...others
    } = found;
    const { sketches: _sketches, ...rest } = others;
    const own = columns.filter((column) => values[column.key] !== undefined);
    records.push({
      ...rest,
      ...names,
      values: Object.fromEntries(own.map((column) => [column.key, values[column.key]!])),
      ...(save === undefined ? {} : { picture: save.name }),
    });
    for (const { key: metric, label } of columns)
      if (lacking[metric] !== undefined)
        lacks.push({ ...names, key: metric, message: `${label}: ${lacking[metric]}` });
  }
  const summarised = datasets.map(({ name }, dataset) =>
    request.methods.map((method, index): Summarised => {
      const own = records.filter(
        (record) => record.dataset === name && record.method === method.name,
      );
      return { records: own, setFigures: setFiguresOf(dataset, index) };
    }),
  );
  const rows: EvaluatedRow[] = datasets.flatMap(({ name: dataset, folder, items }, place) =>
    request.methods.map((method, index): EvaluatedRow => {
      const of = { dataset, method: method.name, expected: items.length };
      const asked = columns.map((column) => column.request);
      const command = rowCommand(request, { folder, method, metrics: asked, facts: facts[index]! });
      return { ...summarise(of, summarised[place]![index]!, columns, draws), command };
    }),
  );
  const titleOf = ({ name, items }: Plan['datasets'][number]): string =>
    `${name}, ${items.length} ${items.length === 1 ? 'picture' : 'pictures'}`;
  const tables = datasets.map((dataset) =>
    resultTable(
      titleOf(dataset),
      rows.filter((row) => row.dataset === dataset.name),
      columns,
      (row) => (row as EvaluatedRow).command,
    ),
  );
  const { compare: against } = request;
  const compared = datasets.map(({ name: dataset }, place) =>
    against === undefined
      ? []
      : compareMethods(
          {
            ...{ dataset, against },
            methods: new Map(
              request.methods.map(({ name }, index) => [name, summarised[place]![index]!]),
            ),
          },
          columns,
          draws,
        ),
  );
  const isNone = ({ dataset, method, key }: (typeof lacks)[number]): boolean =>
    rows.some(
      (row) => row.dataset === dataset && row.method === method && row.metrics[key] === undefined,
    );
  const told = ({ key: _key, ...failure }: (typeof lacks)[number]): EvaluateFailure => failure;
  return {
    ...{ rows, tables, records, missing, reused },
    setFigures: datasets.flatMap(({ name: dataset }, place) =>
      request.methods.flatMap(({ name: method }, index) =>
        [...setFiguresOf(place, index)].map(([metric, figure]) => ({
          ...{ dataset, method, metric, figure },
        })),
      ),
    ),
    comparisons: compared.flat(),
    comparisonTables: datasets.flatMap((dataset, place) =>
      compared[place]!.length === 0
        ? []
        : [
            comparisonTable(
              `${titleOf(dataset)}: differences from ${against}`,
              compared[place]!,
              columns,
            ),
          ],
    ),
    failures: [...failures, ...lacks.filter(isNone).map(told)],
    unmeasured: lacks.filter((lack) => !isNone(lack)).map(told),
  };
}
