import { dirname, join } from 'node:path';
import { listImages, readNameList } from '../../datasets/list-folder.js';
import { openDataset } from '../../datasets/open-dataset.js';
import type { Engine } from '../../engine/engine.js';
import { defineJob } from '../../engine/job.js';
import { fileDigest, recordKey } from '../../files/digest.js';
import { makeFolder } from '../../files/output-file.js';
import { type MetricColumn, metricColumn } from '../../metrics/metric.js';
import type { EvaluateFailure } from '../../reports/tables/record.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import { mapConcurrent } from '../../utils/map-concurrent.js';
import type { MetricFiles } from '../metrics/open-metrics.js';
import {
  cropChoice,
  type EvaluateRequest,
  type EvaluateResult,
  needsImage,
} from './evaluate-request.js';
import {
  type BenchmarkItem,
  benchmarkItems,
  datasetNames,
  itemDigest,
  matchOutput,
} from './items.js';
import { describeMethod, type MethodFacts, type MethodSpec } from './method.js';
import type { BenchmarkUnit } from './shards.js';
import { evaluationTasks } from './tasks.js';

/** A data set ready to be measured on. */
interface PlannedDataset {
  readonly name: string;
  readonly folder: string;
  readonly items: readonly BenchmarkItem[];
}

/** Everything there is to measure. */
export interface Plan {
  readonly datasets: readonly PlannedDataset[];
  readonly facts: readonly MethodFacts[];
  /** Ordered by data set, then image, method and seed. */
  readonly units: readonly BenchmarkUnit[];
  /** What cannot be measured because a file is missing. */
  readonly failures: readonly EvaluateFailure[];
}

const AT_ONCE = 4;

/**
 * Opens data sets and looks at methods; nothing is restored.
 * @throws ParameterError, InputError or ModelError for a request that cannot be done.
 */
export async function planEvaluation(
  request: EvaluateRequest,
  signal?: AbortSignal,
): Promise<Plan> {
  requireUniqueNames(request.methods);
  const datasets = await openDatasets(request);
  const items = datasets.flatMap((dataset) => dataset.items);
  const { task, device, methods } = request;
  const facts: MethodFacts[] = [];
  for (const method of methods) facts.push(await describeMethod(method, { items, task, device }));
  const outputs = await Promise.all(
    methods.map((method) => (method.kind === 'outputs' ? listImages(method.folder) : [])),
  );
  const failures: EvaluateFailure[] = [];
  const units: BenchmarkUnit[] = [];
  for (const dataset of datasets) {
    const parts = dataset.items.map(
      (): { units: BenchmarkUnit[]; failures: EvaluateFailure[] } => ({
        units: [],
        failures: [],
      }),
    );
    await mapConcurrent(
      dataset.items.length,
      AT_ONCE,
      async (index) => {
        const item = dataset.items[index]!;
        const planner = new ItemPlanner(request, { dataset: dataset.name, item, facts, outputs });
        await planner.plan(parts[index]!);
      },
      { signal },
    );
    for (const part of parts) {
      units.push(...part.units);
      failures.push(...part.failures);
    }
  }
  return {
    ...{ datasets, facts, failures },
    units: units.map((unit, id) => ({ ...unit, id })),
  };
}

interface PlannedItem {
  readonly dataset: string;
  readonly item: BenchmarkItem;
  readonly facts: readonly MethodFacts[];
  /** Images of each method's folder. */
  readonly outputs: readonly (readonly string[])[];
}

class ItemPlanner {
  readonly #request: EvaluateRequest;
  readonly #planned: PlannedItem;

  constructor(request: EvaluateRequest, planned: PlannedItem) {
    this.#request = request;
    this.#planned = planned;
  }

  async plan(into: { units: BenchmarkUnit[]; failures: EvaluateFailure[] }): Promise<void> {
    const { methods } = this.#request;
    const { dataset, item, facts } = this.#planned;
    const fail = (method: string, seed: number, error: unknown): void => {
      if (!(error instanceof InputError)) throw error;
      into.failures.push({ dataset, method, item: item.name, seed, message: error.message });
    };
    let digest: string;
    try {
      digest = await itemDigest(item);
    } catch (error) {
      for (const { name } of methods) fail(name, 0, error);
      return;
    }
    for (const [index, method] of methods.entries()) {
      const seeds = facts[index]!.isRandom ? (this.#request.seeds ?? [0]) : [0];
      try {
        const output = this.#outputOf(method, index);
        const methodDigest =
          output === undefined
            ? facts[index]!.digest
            : `${facts[index]!.digest} ${await fileDigest(output)}`;
        for (const seed of seeds) {
          const key = recordKey({ method: methodDigest, item: digest, seed });
          const save = this.#savePath(method, seed, seeds.length > 1);
          into.units.push({ id: 0, key, dataset, item, method: index, seed, output, save });
        }
      } catch (error) {
        fail(method.name, seeds[0]!, error);
      }
    }
  }

  /** @throws InputError where an `outputs` method has no image for this example. */
  #outputOf(method: MethodSpec, index: number): string | undefined {
    if (method.kind !== 'outputs') return undefined;
    const { item, outputs } = this.#planned;
    const found = matchOutput(item.name, outputs[index]!);
    if (found === undefined)
      throw new InputError(method.folder, `has no image of the name ${item.name}`);
    return join(method.folder, found);
  }

  #savePath(method: MethodSpec, seed: number, several: boolean): BenchmarkUnit['save'] {
    const { dataset, item } = this.#planned;
    const isShown = needsImage(item.name, cropChoice(this.#request));
    if (this.#request.saveImages !== true && !isShown) return undefined;
    const parts = ['images', slug(dataset), slug(method.name)];
    if (several) parts.push(`seed-${seed}`);
    const name = [...parts, item.name].join('/');
    return { path: join(this.#request.output, `${name}.png`), name: `${name}.png` };
  }
}

/** Makes the folders that images are saved in. */
export async function makeImageFolders(units: readonly BenchmarkUnit[]): Promise<void> {
  const folders = new Set(units.flatMap(({ save }) => (save ? [dirname(save.path)] : [])));
  for (const folder of folders) await makeFolder(folder);
}

async function openDatasets(request: EvaluateRequest): Promise<PlannedDataset[]> {
  const { datasets: folders, layout, split, limit, task, degradation, list: file } = request;
  const list = file === undefined ? undefined : { file, names: await readNameList(file) };
  const names = datasetNames(folders);
  const found: PlannedDataset[] = [];
  for (const [index, folder] of folders.entries()) {
    const dataset = await openDataset(folder, {
      ...(layout === undefined ? {} : { layout }),
      ...(split === undefined ? {} : { split }),
    });
    const isPlain = dataset.layout === 'images';
    const settings =
      degradation?.settings ??
      (isPlain && task !== undefined ? evaluationTasks[task].degradation : undefined);
    const options = { degradation: settings, seed: degradation?.seed, list, limit };
    found.push({ name: names[index]!, folder, items: benchmarkItems(dataset, options) });
  }
  return found;
}

function requireUniqueNames(methods: readonly MethodSpec[]): void {
  if (methods.length === 0) throw new ParameterError('methods', 'at least one method', 'none');
  const seen = new Set<string>();
  for (const { name } of methods) {
    // Folders of saved images must differ as well.
    if (seen.has(slug(name)))
      throw new ParameterError('methods', 'methods of different names', name, 'Use @name=NAME.');
    seen.add(slug(name));
  }
}

/** A name that every file system takes. */
function slug(name: string): string {
  return name.replace(/[^\w.+-]+/g, '-').replace(/^[.-]+/, '') || 'unnamed';
}

/** A column with the text that asks for it. */
export interface RequestedColumn extends MetricColumn {
  readonly request: string;
}

const describeMetricsJob = defineJob<typeof import('./benchmark-job.js').describeMetrics>(
  new URL('./benchmark-job.js', import.meta.url),
  'describeMetrics',
);

/**
 * The columns of the metrics that can be measured here, and why others cannot. Weights are opened in
 * an engine process.
 * @throws ParameterError for a metric or setting that there is none of, for one that is named twice,
 * and where none can be measured.
 */
export async function describeMetrics(
  engine: Engine,
  { metrics }: EvaluateRequest,
  files: MetricFiles,
  signal: AbortSignal | undefined,
): Promise<{ columns: RequestedColumn[]; missing: EvaluateResult['missing'] }> {
  const reports = await engine.run(describeMetricsJob, { metrics, files }, { signal });
  const missing = reports.flatMap((each) => ('missing' in each ? [each] : []));
  const columns = reports.flatMap((each) =>
    'facts' in each
      ? [{ ...metricColumn(each.facts), ofSets: each.ofSets, request: each.request }]
      : [],
  );
  if (columns.length === 0)
    throw new ParameterError('metrics', 'at least one that can be measured here', metrics);
  const keys = new Set(columns.map(({ key }) => key));
  if (keys.size < columns.length)
    throw new ParameterError('metrics', 'each metric once', metrics.join(', '));
  return { columns, missing };
}
