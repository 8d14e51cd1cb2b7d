import { ParameterError } from '../../tensor/errors.js';
import type { MetricSettings } from '../metrics/metric.js';
import { type MetricRequest, parseMetricRequest } from '../metrics/request.js';
import type { SetMetric } from '../metrics/set-metric.js';
import { findSetMetric } from '../metrics/set-metrics.js';

/** A metric of a benchmark as it is asked for: of single images, or of sets of them. */
export type BenchmarkMetric =
  | MetricRequest
  | { readonly label: string; readonly setMetric: SetMetric };

/**
 * Reads what `parseMetricRequest` reads, and the names of set metrics, which have no settings.
 * @throws ParameterError for an unknown metric, colour space or border.
 */
export function parseBenchmarkMetric(text: string, defaults: MetricSettings = {}): BenchmarkMetric {
  const [name = '', ...settings] = text.trim().split(':');
  const setMetric = findSetMetric(name);
  if (setMetric === undefined) return parseMetricRequest(text, defaults);
  if (settings.length > 0)
    throw new ParameterError('metrics', `${setMetric.name} without settings`, text);
  return { label: setMetric.name, setMetric };
}
