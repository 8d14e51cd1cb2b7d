import type { Engine } from '../../engine/engine.js';
import { type MetricColumn, metricColumn } from '../../evaluation/benchmark/metric-column.js';
import { ParameterError } from '../../tensor/errors.js';
import type { MetricFiles } from '../measure/metric-files.js';
import type { MetricReport } from './benchmark-job.js';
import type { EvaluateRequest, EvaluateResult } from './evaluate-request.js';
import { benchmarkJobs } from './run-strands.js';

/** A column with the text that asks for it. */
export interface RequestedColumn extends MetricColumn {
  readonly request: string;
}

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
  const reports = await engine.run<MetricReport[]>(
    benchmarkJobs,
    'describeMetricsJob',
    { metrics, files },
    signal === undefined ? {} : { signal },
  );
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
