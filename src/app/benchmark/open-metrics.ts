import { parseBenchmarkMetric } from '../../evaluation/benchmark/metric-request.js';
import type { PictureMetric } from '../../evaluation/metrics/metric.js';
import type { SetMetric } from '../../evaluation/metrics/set-metric.js';
import type { GraphRunner } from '../../graph/graph-runner.js';
import { ModelError } from '../../tensor/errors.js';
import { type MetricFiles, pullCommands } from '../measure/metric-files.js';
import { metricResources } from '../measure/metric-resources.js';

/** A metric that was asked for, or in words why it cannot be measured here. */
export type OpenedMetric =
  | { readonly request: string; readonly metric: PictureMetric }
  | { readonly request: string; readonly setMetric: SetMetric }
  | { readonly request: string; readonly missing: string };

/**
 * Opens metrics; one whose weights are not on this machine does not keep the others from it.
 * @param requests as `parseBenchmarkMetric` reads them.
 * @throws ParameterError for a metric or setting that there is none of.
 */
export async function openMetrics(
  requests: readonly string[],
  files: MetricFiles,
  runner: () => Promise<GraphRunner>,
): Promise<OpenedMetric[]> {
  const resources = metricResources(files, runner);
  const parsed = requests.map((request) => ({ request, ...parseBenchmarkMetric(request) }));
  const opened: OpenedMetric[] = [];
  for (const each of parsed) {
    const { request } = each;
    if ('setMetric' in each) {
      opened.push({ request, setMetric: each.setMetric });
      continue;
    }
    const { definition, settings } = each;
    const commands = await pullCommands(definition, files);
    if (commands.length > 0) {
      opened.push({ request, missing: `its weights are not stored yet: ${commands.join('; ')}` });
      continue;
    }
    try {
      opened.push({ request, metric: await definition.open(settings, resources) });
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      opened.push({ request, missing: error.message });
    }
  }
  return opened;
}
