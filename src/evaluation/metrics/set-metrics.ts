import type { SetMetric } from './set-metric.js';
import { swd } from './swd.js';

/** Every metric of sets of images, in the order of columns. A new one is added here. */
export const setMetrics: readonly SetMetric[] = [swd];

/** The metric of a name, where there is one; names are read in any case. */
export function findSetMetric(name: string): SetMetric | undefined {
  return setMetrics.find((metric) => metric.name === name.trim().toLowerCase());
}
