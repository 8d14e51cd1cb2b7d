import type { MetricColumn } from '../../../benchmark/metrics/metric-definition.js';
import { findMetric } from '../../../benchmark/metrics/registry.js';
import type { SummaryRow } from '../../../benchmark/tables/summarise.js';
import { findSetMetric } from '../../../metrics/set-metrics.js';
import { type Axis, axisFor } from '../../page/axis.js';

/** Where the figure of a method lies along the axis of a metric, as shares of its length. */
export interface Place {
  readonly mean: number;
  /** One standard deviation over seeds; 0 of a single seed. */
  readonly deviation: number;
}

/** A metric as an axis. */
export interface MetricAxis {
  readonly column: MetricColumn;
  readonly axis: Axis;
  /** By method; null where it has no figure, or an infinite one. */
  readonly places: readonly (Place | null)[];
}

/** Methods on one data set, to be drawn in any two metrics. */
export interface Tradeoff {
  readonly methods: readonly string[];
  readonly axes: readonly MetricAxis[];
  /** The two metrics that are drawn at first: a distortion across, perception upwards. */
  readonly first: readonly [across: number, up: number];
}

/**
 * Lays the methods of one data set along an axis for each metric.
 * @returns undefined where fewer than two metrics have figures, so that there is nothing to weigh.
 */
export function tradeoff(
  rows: readonly SummaryRow[],
  columns: readonly MetricColumn[],
): Tradeoff | undefined {
  const axes = columns.flatMap((column) => {
    const axis = metricAxis(rows, column);
    return axis === undefined ? [] : [axis];
  });
  if (axes.length < 2) return undefined;
  const indexOf = (judged: 'distortion' | 'perception'): number =>
    axes.findIndex(
      ({ column: { name } }) => (findMetric(name) ?? findSetMetric(name))?.judges === judged,
    );
  const across = Math.max(0, indexOf('distortion'));
  const perception = indexOf('perception');
  const up = perception >= 0 && perception !== across ? perception : across === 0 ? 1 : 0;
  return { methods: rows.map(({ method }) => method), axes, first: [across, up] };
}

function metricAxis(rows: readonly SummaryRow[], column: MetricColumn): MetricAxis | undefined {
  const figures = rows.map((row) => {
    const own = row.metrics[column.key];
    return own !== undefined && Number.isFinite(own.mean) ? own : undefined;
  });
  const ends = figures.flatMap((own) =>
    own === undefined ? [] : [own.mean - (own.deviation ?? 0), own.mean + (own.deviation ?? 0)],
  );
  if (ends.length === 0) return undefined;
  const axis = axisFor(ends, false);
  const places = figures.map((own): Place | null =>
    own === undefined
      ? null
      : { mean: axis.place(own.mean), deviation: (own.deviation ?? 0) / (axis.to - axis.from) },
  );
  return { column, axis, places };
}
