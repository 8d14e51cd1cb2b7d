import { join } from 'node:path';
import { describeMetrics, type RequestedColumn } from '../../src/app/benchmark/describe-metrics.js';
import { evaluate } from '../../src/app/benchmark/evaluate.js';
import type {
  EvaluateFailure,
  EvaluateProgress,
  EvaluateRequest,
  EvaluateResult,
} from '../../src/app/benchmark/evaluate-request.js';
import { findPack } from '../../src/app/packs/find-pack.js';
import { storeFolder } from '../../src/app/pull/store.js';
import { parseMethods } from '../../src/cli/evaluate/parse-methods.js';
import type { Engine } from '../../src/engine/index.js';
import { type DatasetName, datasetFolder, datasetState } from './datasets.js';
import { type Judgement, judge } from './judge.js';
import { isUsable, moduleState, stateText } from './module-state.js';
import { moduleFile } from './modules.js';
import type { Places } from './places.js';
import { type Comparison, type Experiment, methodOf, modulesIn, type Row } from './table.js';

/** How tables are measured on this machine. */
export interface Measuring {
  readonly places: Places;
  readonly engine: Engine;
  readonly threads?: number | undefined;
  /** Most pictures of each data set, where less than the table asks for are wanted. */
  readonly limit?: number | undefined;
  /** Rows whose names have one of these texts are left out. */
  readonly without?: readonly string[] | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: EvaluateProgress) => void;
}

/** A statement with what one metric says about it on one data set. */
export interface Verdict {
  readonly comparison: Comparison;
  readonly dataset: string;
  readonly column: RequestedColumn;
  readonly judgement: Judgement;
}

/** An experiment with its figures; what it lacks is named. */
export interface MeasuredExperiment {
  readonly tables: EvaluateResult['tables'];
  readonly verdicts: readonly Verdict[];
  readonly missingMetrics: EvaluateResult['missing'];
  readonly failures: readonly EvaluateFailure[];
  /** Rows and data sets that are left out, with the reason. */
  readonly leftOut: readonly string[];
}

/**
 * Measures what can be measured here of an experiment. Rows whose modules or data are not there
 * are left out and named.
 * @throws what `evaluate` throws.
 */
export async function measureExperiment(
  experiment: Experiment,
  measuring: Measuring,
): Promise<MeasuredExperiment> {
  const { places, engine, signal, threads, onProgress } = measuring;
  const leftOut: string[] = [];
  const rows = await present(experiment.rows, leftOut, async (row) =>
    measuring.without?.some((text) => row.name.includes(text))
      ? 'not measured this time'
      : lackOfRow(row, places),
  );
  const datasets = await present(experiment.datasets, leftOut, (name) => lackOfData(name, places));
  const nothing = { tables: [], verdicts: [], missingMetrics: [], failures: [], leftOut };
  if (rows.length === 0 || datasets.length === 0) return nothing;
  const limit = measuring.limit ?? experiment.limit;
  const request: EvaluateRequest = {
    task: experiment.task,
    datasets: datasets.map((name) => datasetFolder(name, places)),
    // One folder for all tables: what one has measured, the others do not measure again.
    output: join(places.runs, 'results'),
    methods: parseMethods(rows.map((row) => methodOf(row, (n) => moduleFile(n, places))).join()),
    metrics: experiment.metrics,
    ...(experiment.degradation && { degradation: { settings: experiment.degradation, seed: 0 } }),
    ...(limit === undefined ? {} : { limit }),
    ...(threads === undefined ? {} : { threads }),
  };
  const { columns } = await describeMetrics(engine, request, { store: storeFolder() }, signal);
  const result = await evaluate({ ...request, engine, signal, onProgress });
  const { tables, failures, missing: missingMetrics } = result;
  return {
    ...{ tables, failures, missingMetrics, leftOut },
    verdicts: verdictsOf(experiment.comparisons, columns, result),
  };
}

async function present<Thing extends Row | DatasetName>(
  things: readonly Thing[],
  leftOut: string[],
  lackOf: (thing: Thing) => Promise<string | undefined>,
): Promise<Thing[]> {
  const there: Thing[] = [];
  for (const thing of things) {
    const lack = await lackOf(thing);
    if (lack === undefined) there.push(thing);
    else leftOut.push(`${typeof thing === 'string' ? thing : thing.name}: ${lack}`);
  }
  return there;
}

/** What a row needs and this machine does not have. */
export async function lackOfRow({ method }: Row, places: Places): Promise<string | undefined> {
  const lacks: string[] = [];
  const pack = /^(?:pack|restorer):([^@]+)/.exec(method)?.[1];
  if (pack !== undefined && (await findPack(pack)) === undefined) lacks.push(`no pack ${pack}`);
  for (const name of modulesIn(method)) {
    const state = await moduleState(name, places);
    if (!isUsable(state)) lacks.push(`${name} ${stateText(state)}`);
  }
  return lacks.length === 0 ? undefined : lacks.join(', ');
}

async function lackOfData(name: DatasetName, places: Places): Promise<string | undefined> {
  const state = await datasetState(name, places);
  return state === 'there' ? undefined : state;
}

function verdictsOf(
  comparisons: readonly Comparison[],
  columns: readonly RequestedColumn[],
  { records }: EvaluateResult,
): Verdict[] {
  const datasets = [...new Set(records.map(({ dataset }) => dataset))];
  return comparisons.flatMap((comparison) =>
    datasets.flatMap((dataset) =>
      columns.flatMap((column): Verdict[] => {
        if (!comparison.metrics.includes(column.request)) return [];
        const of = (method: string) =>
          records.filter((record) => record.dataset === dataset && record.method === method);
        const [row, against] = [of(comparison.row), of(comparison.against)];
        const judgement = judge(row, against, column, comparison.expected);
        return judgement === undefined ? [] : [{ comparison, dataset, column, judgement }];
      }),
    ),
  );
}
