import { basename } from 'node:path';
import { asPath, shellLine } from '../../files/quoting.js';
import type { MetricColumn } from '../../metrics/metric.js';
import type { Resampler } from '../../metrics/statistics.js';
import { storeFolder } from '../../models/pull/pull-model.js';
import { compareMethods } from '../../reports/tables/compare-methods.js';
import type { BenchmarkRecord, EvaluateFailure } from '../../reports/tables/record.js';
import { comparisonTable, resultTable } from '../../reports/tables/result-table.js';
import { type Summarised, summarise } from '../../reports/tables/summarise.js';
import type { EvaluatedRow, EvaluateRequest, EvaluateResult } from './evaluate-request.js';
import type { MethodFacts, MethodSpec } from './method.js';
import type { Plan } from './plan.js';
import type { SetScores } from './set-scores.js';

/** Where scores come from, and what went wrong. */
export interface Measured extends Pick<EvaluateResult, 'missing' | 'reused'> {
  readonly find: (key: string) => BenchmarkRecord | undefined;
  readonly failures: readonly EvaluateFailure[];
  readonly setScoresOf: SetScores;
  readonly draws: Resampler;
}

/** The scores of what was planned, and of nothing else that a folder may hold. */
export function assembleResult(
  request: EvaluateRequest,
  { datasets, units, facts }: Plan,
  columns: readonly (MetricColumn & { readonly request: string })[],
  { find, failures, missing, reused, setScoresOf, draws }: Measured,
): EvaluateResult {
  const records: BenchmarkRecord[] = [];
  const lacks: (EvaluateFailure & { readonly key: string })[] = [];
  for (const { key, dataset, item, method, seed, save } of units) {
    const found = find(key);
    if (found === undefined) continue;
    // The same pixels may be known by other names from an earlier run.
    const names = { dataset, method: request.methods[method]!.name, item: item.name, seed };
    const { values, unmeasured: lacking = {}, image: _image, pixels: _pixels, ...others } = found;
    const { sketches: _sketches, ...rest } = others;
    const own = columns.filter((column) => values[column.key] !== undefined);
    records.push({
      ...rest,
      ...names,
      values: Object.fromEntries(own.map((column) => [column.key, values[column.key]!])),
      ...(save === undefined ? {} : { image: save.name }),
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
      return { records: own, setScores: setScoresOf(dataset, index) };
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
    `${name}, ${items.length} ${items.length === 1 ? 'image' : 'images'}`;
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
    setScores: datasets.flatMap(({ name: dataset }, place) =>
      request.methods.flatMap(({ name: method }, index) =>
        [...setScoresOf(place, index)].map(([metric, score]) => ({
          ...{ dataset, method, metric, score },
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

/** One method on one data set, as it was measured. */
interface MeasuredRow {
  readonly folder: string;
  readonly method: MethodSpec;
  readonly metrics: readonly string[];
  readonly facts: MethodFacts;
}

/**
 * The command that measures a row alone, into a folder of its own beside that of the results, with
 * nothing that matters left to defaults. Paths are as they were given.
 */
function rowCommand(
  request: EvaluateRequest,
  { folder, method, metrics, facts }: MeasuredRow,
): string {
  const {
    output,
    task,
    layout,
    split,
    list,
    limit,
    degradation,
    device = 'cpu',
    seeds = [0],
  } = request;
  const { metricFiles, resamples } = request;
  const words = ['dp-ir', 'evaluate', asPath(folder)];
  const own = `${method.name} ${basename(folder)}`.replace(/[^\w.+-]+/g, '-');
  words.push('-o', asPath(`${output.replace(/[\\/]+$/, '')}-${own}`));
  if (task !== undefined) words.push('--task', task);
  words.push('--methods', methodText(method, facts), '--metrics', metrics.join(','));
  if (facts.isRandom) words.push('--seeds', seeds.join(','));
  if (resamples !== undefined) words.push('--resamples', String(resamples));
  if (degradation !== undefined) {
    words.push('--degradation', asPath(degradation.file ?? JSON.stringify(degradation.settings)));
    words.push('--degradation-seed', String(degradation.seed));
  }
  if (layout !== undefined) words.push('--layout', layout);
  if (split !== undefined) words.push('--split', split);
  if (list !== undefined) words.push('--list', asPath(list));
  if (limit !== undefined) words.push('--limit', String(limit));
  if (metricFiles?.naturalScenes !== undefined)
    words.push('--natural-scenes', asPath(metricFiles.naturalScenes));
  if (metricFiles !== undefined && metricFiles.store !== storeFolder())
    words.push('--store', asPath(metricFiles.store));
  words.push('--device', device);
  return shellLine(words);
}

/** A method as `--methods` reads it. */
export function methodText(
  method: MethodSpec,
  { sampler, result }: Pick<MethodFacts, 'sampler' | 'result'>,
): string {
  switch (method.kind) {
    case 'bicubic':
    case 'input':
      return withName(method.kind, method.kind, method.name);
    case 'outputs':
      return `outputs:${method.name}=${method.folder}`;
    default: {
      const { kind, pack, modules = {}, tile, frames, beyondTraining, name } = method;
      const settings: Record<string, string | number | true | undefined> = {
        ...(sampler && { tau: sampler.tau, steps: sampler.steps, start: sampler.start }),
        ...(sampler && { sampler: sampler.sampler }),
        ...(sampler?.sampler === 'ddim' && { eta: sampler.eta }),
        ...(sampler && { variance: sampler.variance, 'noise-level': sampler.noiseLevel }),
        ...(result && { consistency: result.consistency, detail: result.detail }),
        ...modules,
        ...{ tile, frames, 'beyond-training': beyondTraining === true ? 'true' : undefined },
      };
      const parts = Object.entries(settings).flatMap(([key, value]) =>
        value === undefined ? [] : [`@${key}=${value}`],
      );
      return withName(`${kind}:${pack}`, `${kind}:${pack}${parts.join('')}`, name);
    }
  }
}

function withName(usual: string, text: string, name: string): string {
  return name === usual ? text : `${text}@name=${name}`;
}
