import { join } from 'node:path';
import { evaluate } from '../../src/benchmark/evaluation/evaluate.js';
import type {
  EvaluateProgress,
  EvaluateRequest,
  EvaluateResult,
} from '../../src/benchmark/evaluation/evaluate-request.js';
import { describeMetrics, type RequestedColumn } from '../../src/benchmark/evaluation/plan.js';
import { parseMethods } from '../../src/cli/commands/evaluate-methods.js';
import type { Engine } from '../../src/engine/engine.js';
import { Resampler } from '../../src/metrics/statistics.js';
import { findPack } from '../../src/models/packs.js';
import { storeFolder } from '../../src/models/pull/pull-model.js';
import type { EvaluateFailure } from '../../src/reports/tables/record.js';
import type { Summarised } from '../../src/reports/tables/summarise.js';
import { type DatasetName, datasetFolder, datasetState } from './datasets.js';
import { type Gain, gainOf, type Judgement, judge } from './judge.js';
import { isUsable, moduleState, stateText } from './module-state.js';
import { moduleFile, trainedModules } from './modules.js';
import { type Part, partsOf } from './parts.js';
import type { Places } from './places.js';
import { type Comparison, type Experiment, methodOf, modulesIn, type Row } from './table.js';

/** How tables are measured on this machine. */
export interface Measuring {
  readonly places: Places;
  readonly engine: Engine;
  readonly threads?: number | undefined;
  /** Most images of each data set, where less than the table asks for are wanted. */
  readonly limit?: number | undefined;
  /** Rows whose names have one of these texts are left out. */
  readonly without?: readonly string[] | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: EvaluateProgress) => void;
}

/** A statement with the gain that one metric shows on one data set. */
export interface Finding {
  readonly comparison: Comparison;
  readonly dataset: string;
  readonly column: RequestedColumn;
  readonly gain: Gain;
}

/** A finding with what it says. */
export interface Verdict extends Omit<Finding, 'gain'> {
  readonly judgement: Judgement;
}

/** An experiment with its scores; what it lacks is named. */
export interface MeasuredExperiment {
  readonly tables: EvaluateResult['tables'];
  readonly findings: readonly Finding[];
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
  const tables: EvaluateResult['tables'][number][] = [];
  const findings: Finding[] = [];
  const missingMetrics: EvaluateResult['missing'][number][] = [];
  const failures: EvaluateFailure[] = [];
  for (const part of datasets.flatMap((name) => partsOf({ ...experiment, rows }, name))) {
    const { dataset, list, seeds, title } = part;
    const { limit } = measuring;
    const request: EvaluateRequest = {
      task: experiment.task,
      datasets: [datasetFolder(dataset, places)],
      // One folder for all tables: what one has measured, the others do not measure again.
      output: join(places.runs, 'results'),
      methods: parseMethods(
        part.rows.map((row) => methodOf(row, (name) => moduleFile(name, places))).join(),
      ),
      ...{ metrics: experiment.metrics, seeds },
      ...(list === undefined ? {} : { list }),
      ...(experiment.degradation && { degradation: { settings: experiment.degradation, seed: 0 } }),
      ...(limit === undefined ? {} : { limit }),
      ...(threads === undefined ? {} : { threads }),
    };
    const { columns } = await describeMetrics(engine, request, { store: storeFolder() }, signal);
    const result = await evaluate({ ...request, engine, signal, onProgress });
    for (const table of result.tables)
      tables.push({ ...table, title: `${title}, ${table.title.replace(/^.*, (?=\d+ )/, '')}` });
    findings.push(...findingsOf(part, columns, result));
    failures.push(...result.failures);
    missingMetrics.push(...result.missing);
  }
  return { tables, findings, failures, missingMetrics, leftOut };
}

/** What the findings of a table say together. */
export function verdictsOf(findings: readonly Finding[]): Verdict[] {
  const judgements = judge(findings.map(({ gain }) => gain));
  return findings.map(({ gain: _gain, ...finding }, index) => ({
    ...finding,
    judgement: judgements[index]!,
  }));
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
  if (lacks.length === 0) return undefined;
  const toTrain = await untrained(modulesIn(method), places);
  const command = `npm run paper -- train ${toTrain.join(' ')}`;
  return `${lacks.join(', ')}${toTrain.length === 0 ? '' : `; \`${command}\` trains what it needs`}`;
}

/** The modules that are not there of those named and of what they are trained between. */
async function untrained(names: readonly string[], places: Places): Promise<string[]> {
  const needed = new Set(names);
  // Modules come after those that they need.
  for (const { name, restorer, denoiser, from } of trainedModules.toReversed())
    if (needed.has(name))
      for (const parent of [restorer, denoiser, from]) if (parent !== undefined) needed.add(parent);
  const lacking: string[] = [];
  for (const { name } of trainedModules)
    if (needed.has(name) && !isUsable(await moduleState(name, places))) lacking.push(name);
  return lacking;
}

async function lackOfData(name: DatasetName, places: Places): Promise<string | undefined> {
  const state = await datasetState(name, places);
  return state === 'there' ? undefined : state;
}

function findingsOf(
  { comparisons, dataset }: Part,
  columns: readonly RequestedColumn[],
  { records, setScores }: EvaluateResult,
): Finding[] {
  const draws = new Resampler();
  const of = (method: string): Summarised => ({
    records: records.filter((record) => record.method === method),
    setScores: new Map(
      setScores.filter((own) => own.method === method).map(({ metric, score }) => [metric, score]),
    ),
  });
  return comparisons.flatMap((comparison) =>
    columns.flatMap((column): Finding[] => {
      if (!comparison.metrics.includes(column.request)) return [];
      const [row, against] = [of(comparison.row), of(comparison.against)];
      const gain = gainOf(row, against, column, comparison.expected, draws);
      return gain === undefined ? [] : [{ comparison, dataset, column, gain }];
    }),
  );
}
