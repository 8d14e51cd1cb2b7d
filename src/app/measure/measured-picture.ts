import type { MetricFacts } from '../../evaluation/metrics/metric.js';
import type { PictureItem } from './picture-pairs.js';

/** Figures of one picture. */
export interface MeasuredPicture extends PictureItem {
  /** By the metric's label; metrics that could not be computed are left out. */
  readonly scores: Readonly<Record<string, number>>;
  /** Why figures are missing. */
  readonly problems: readonly MeasureProblem[];
}

/** Why a metric, or the whole picture where none is named, could not be measured. */
export interface MeasureProblem {
  readonly metric?: string;
  readonly message: string;
}

/** A metric with all that its figures depend on, under the label of its column. */
export interface MeasuredMetric extends MetricFacts {
  readonly label: string;
}

/** Means over the pictures that have a figure, by label; those without any are left out. */
export function meanScores(
  labels: readonly string[],
  pictures: readonly MeasuredPicture[],
): Readonly<Record<string, number>> {
  const means: Record<string, number> = {};
  for (const label of labels) {
    const figures = pictures.flatMap(({ scores }) => scores[label] ?? []);
    if (figures.length > 0)
      means[label] = figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  }
  return means;
}
