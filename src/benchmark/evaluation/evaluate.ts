import { availableParallelism } from 'node:os';
import { createEngine, type Engine } from '../../engine/engine.js';
import { parseMetricRequest } from '../../metrics/request.js';
import { Resampler } from '../../metrics/statistics.js';
import { storeFolder } from '../../models/pull/pull-model.js';
import type { EvaluateFailure } from '../../reports/tables/record.js';
import { ParameterError } from '../../utils/errors.js';
import type { MetricFiles } from '../metrics/open-metrics.js';
import { cropFigures, requireCrops } from './crop-figures.js';
import type { EvaluateProgress, EvaluateRequest, EvaluateResult } from './evaluate-request.js';
import {
  describeMetrics,
  makeImageFolders,
  type Plan,
  planEvaluation,
  type RequestedColumn,
} from './plan.js';
import { isDone, openRecordFolder, savedImage, sketchFolder } from './record-folder.js';
import type { RecordFile } from './records.js';
import { assembleResult } from './result.js';
import { setScores } from './set-scores.js';
import { type BenchmarkUnit, runShards, splitIntoShards, unitCosts } from './shards.js';
import { writeResults } from './write-results.js';

/** Options of an evaluation, with progress and cancellation. */
export interface EvaluateCall extends EvaluateRequest {
  /** An engine to use and leave open; default: one of `parallel` processes for this call. */
  readonly engine?: Engine | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: EvaluateProgress) => void) | undefined;
  /** Called once for each image that fails, as soon as it does. */
  readonly onFailure?: ((failure: EvaluateFailure) => void) | undefined;
  /** Called once before measuring with the number of images, and how many of them are reused. */
  readonly onPlan?:
    | ((plan: {
        readonly images: number;
        readonly reused: number;
        readonly missing: EvaluateResult['missing'];
      }) => void)
    | undefined;
}

/**
 * Measures methods on data sets and writes tables, records and a page into a folder. Scores that
 * the folder holds of the same pixels, modules, settings and metrics are not measured again, and
 * those of any others do not enter. Results are rounded to 8 bits before they are judged, so that
 * the saved images have the same scores.
 *
 * @throws ParameterError, InputError or ModelError for a request that cannot be done; OutputError
 * where the folder cannot be written or another process works in it; EngineError for the device;
 * CancelledError, where what was measured stays for the next time.
 * @example
 * const { rows } = await evaluate({
 *   datasets: ['set5'], task: 'sr4', output: 'results',
 *   methods: [{ kind: 'bicubic', name: 'bicubic' }], metrics: ['psnr:y:4'],
 * });
 */
export async function evaluate(call: EvaluateCall): Promise<EvaluateResult> {
  const { engine: given, onProgress, onFailure, onPlan, signal, ...request } = call;
  requireSensible(request);
  const engine = given ?? createEngine({ processes: request.parallel ?? 1 });
  try {
    const draws = new Resampler({ resamples: request.resamples });
    const files = request.metricFiles ?? { store: storeFolder() };
    const plan = await planEvaluation(request, signal);
    await requireCrops(request, plan);
    const { columns, missing } = await describeMetrics(engine, request, files, signal);
    const folder = await openRecordFolder(request.output);
    const { records } = folder;
    try {
      const pending: BenchmarkUnit[] = [];
      for (const unit of plan.units)
        if (!(await isDone(unit, request.output, records, columns)))
          pending.push({ ...unit, saved: savedImage(unit, request.output, records) });
      const reused = plan.units.length - pending.length;
      onPlan?.({ images: plan.units.length, reused, missing });
      await makeImageFolders(pending);
      const failures = [...plan.failures];
      for (const failure of failures) onFailure?.(failure);
      const failed = (unit: BenchmarkUnit, message: string): void => {
        const { dataset, item, seed } = unit;
        const method = request.methods[unit.method]!.name;
        const failure = { dataset, method, item: item.name, seed, message };
        failures.push(failure);
        onFailure?.(failure);
      };
      await measure({ engine, request, files, plan, columns }, pending, records, {
        onProgress,
        failed,
        signal,
      });
      const find = (key: string) => records.find(key);
      const setScoresOf = await setScores(engine, plan, columns, {
        ...{ find, folder: sketchFolder(request.output), files, draws, signal },
      });
      const result = assembleResult(request, plan, columns, {
        ...{ find, failures, missing, reused, setScoresOf, draws },
      });
      const first = columns.find(({ ofSets }) => ofSets !== true);
      const crops = await cropFigures(engine, request, plan, result, first?.key, signal);
      await writeResults(request, columns, result, crops);
      return result;
    } finally {
      await folder.close();
    }
  } finally {
    if (given === undefined) await engine.close();
  }
}

interface Measuring {
  readonly engine: Engine;
  readonly request: EvaluateRequest;
  readonly files: MetricFiles;
  readonly plan: Plan;
  readonly columns: readonly RequestedColumn[];
}

async function measure(
  { engine, request, files, plan, columns }: Measuring,
  pending: readonly BenchmarkUnit[],
  records: RecordFile,
  {
    onProgress,
    failed,
    signal,
  }: {
    readonly onProgress: EvaluateCall['onProgress'];
    readonly failed: (unit: BenchmarkUnit, message: string) => void;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const { methods, device, parallel = 1 } = request;
  const threads = request.threads ?? Math.max(1, Math.floor(availableParallelism() / parallel));
  const costOf = await unitCosts(pending, plan.facts);
  const total = pending.reduce((sum, unit) => sum + costOf(unit), 0);
  const shares = new Map<BenchmarkUnit, number>();
  let [finished, finishedCost] = [0, 0];
  const reportProgress = (unit: BenchmarkUnit): void => {
    let done = finishedCost;
    for (const [other, share] of shares) done += share * costOf(other);
    const note = `${methods[unit.method]!.name}, ${unit.item.name}`;
    onProgress?.({ done, total, finished, images: pending.length, note });
  };
  const finish = (unit: BenchmarkUnit): void => {
    shares.delete(unit);
    finished += 1;
    finishedCost += costOf(unit);
    reportProgress(unit);
  };
  const metrics = columns.map((column) => column.request);
  const shards = splitIntoShards(pending, parallel, costOf).map((units) => ({
    ...{ units, methods, metrics, files, device, threads },
    sketches: sketchFolder(request.output),
  }));
  try {
    await runShards(
      engine,
      shards,
      {
        onShare: (unit, share) => {
          shares.set(unit, share);
          reportProgress(unit);
        },
        onRecord: (unit, record) => {
          records.add(record);
          finish(unit);
        },
        onFailure: (unit, message) => {
          failed(unit, message);
          finish(unit);
        },
      },
      signal,
    );
  } finally {
    await records.settle();
  }
}

/** What can be refused without looking at any file. */
function requireSensible(request: EvaluateRequest): void {
  const { seeds = [0], limit, datasets, metrics, methods, compare } = request;
  for (const metric of metrics) parseMetricRequest(metric);
  if (datasets.length === 0) throw new ParameterError('datasets', 'at least one folder', 'none');
  for (const seed of seeds)
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new ParameterError('seeds', 'integers of at least 0', seed);
  if (seeds.length === 0 || new Set(seeds).size < seeds.length)
    throw new ParameterError('seeds', 'different seeds', seeds);
  const names = methods.map(({ name }) => name);
  if (compare !== undefined && !names.includes(compare))
    throw new ParameterError('compare', `one of the methods ${names.join(', ')}`, compare);
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1))
    throw new ParameterError('limit', 'a positive integer', limit);
}
