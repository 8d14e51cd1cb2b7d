import type { MetricFacts } from '../metrics/metric.js';

/** A metric as results speak of it. */
export interface MetricColumn extends MetricFacts {
  /** Names its values in records. */
  readonly key: string;
  /** For people, such as `psnr Y, border 4`. */
  readonly label: string;
  /** True where figures are of sets of images: records have none. */
  readonly ofSets?: boolean;
}

/** A text that is the same exactly where the same pictures give the same value. */
export function metricKey({ name, colourSpace, border, version }: MetricFacts): string {
  return `${name} ${colourSpace} ${border} v${version}`;
}

/** The column of a metric; what it leaves out of the picture stands in its label. */
export function metricColumn(facts: MetricFacts): MetricColumn {
  const { name, direction, range, unit, colourSpace, border, version } = facts;
  const space = colourSpace === 'luma' ? ' Y' : '';
  const edge = border === 0 ? '' : `, border ${border}`;
  return {
    ...{ name, direction, range, unit, colourSpace, border, version },
    key: metricKey(facts),
    label: `${name}${space}${edge}`,
  };
}
