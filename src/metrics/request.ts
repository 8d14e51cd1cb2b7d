import { ParameterError } from '../utils/errors.js';
import type { ColourSpace, Metric, MetricInput, MetricSettings } from './metric.js';
import { findMetric, metrics } from './registry.js';

/** A metric with its settings, as users name it. */
export interface MetricRequest {
  /** The text that requests it again: `psnr:y:4` for the luma inside a border of four pixels. */
  readonly label: string;
  readonly metric: Metric;
  readonly settings: MetricSettings;
}

const colourSpacesByName: Readonly<Record<string, ColourSpace>> = { rgb: 'rgb', y: 'luma' };
/** Short names for what is meant most often. */
const aliases: Readonly<Record<string, string>> = { lpips: 'lpips-alex', topiq: 'topiq-nr' };
const allInputs: readonly MetricInput[] = ['image', 'pair', 'set'];

/**
 * Reads `NAME[:rgb|:y][:BORDER]`, such as `psnr`, `ssim:y` or `psnr:y:4`. A colour space that is
 * stated must be one that the metric can be computed on; a default one is ignored where it cannot.
 * Metrics of sets have no settings.
 * @param inputs what the metric may judge.
 * @throws ParameterError for an unknown metric, colour space or border.
 */
export function parseMetricRequest(
  text: string,
  defaults: MetricSettings = {},
  inputs: readonly MetricInput[] = allInputs,
): MetricRequest {
  const [name = '', ...parts] = text.trim().toLowerCase().split(':');
  const metric = findMetric(aliases[name] ?? name);
  if (metric === undefined || !inputs.includes(metric.input)) {
    const names = metrics.filter(({ input }) => inputs.includes(input)).map((each) => each.name);
    throw new ParameterError('metrics', `some of ${names}`, name);
  }
  if (metric.input === 'set') {
    if (parts.length > 0)
      throw new ParameterError('metrics', `${metric.name} without settings`, text);
    return { label: metric.name, metric, settings: {} };
  }
  let { colourSpace, border } = defaults;
  if (colourSpace !== undefined && !metric.colourSpaces.includes(colourSpace))
    colourSpace = undefined;
  for (const part of parts) {
    const space = colourSpacesByName[part];
    if (space !== undefined) colourSpace = space;
    else if (/^\d{1,6}$/.test(part)) border = Number(part);
    else throw new ParameterError('metrics', 'NAME[:rgb|:y][:BORDER]', text);
  }
  if (colourSpace !== undefined && !metric.colourSpaces.includes(colourSpace))
    throw new ParameterError(
      'metrics',
      `${metric.name} on ${metric.colourSpaces.map(shortName).join(' or ')}`,
      text,
    );
  const settings = {
    ...(colourSpace === undefined ? {} : { colourSpace }),
    ...(border === undefined ? {} : { border }),
  };
  return { label: labelOf(metric, settings), metric, settings };
}

/** The metrics that are measured unless others are named, as far as there are references. */
export function defaultMetrics(
  hasReference: boolean,
  settings: MetricSettings = {},
): MetricRequest[] {
  return metrics
    .filter(({ isDefault, input }) => isDefault && (hasReference || input === 'image'))
    .map(({ name }) => parseMetricRequest(name, settings));
}

function labelOf({ name, colourSpaces }: Metric, { colourSpace, border }: MetricSettings): string {
  const parts = [name];
  if (colourSpaces.length > 1 && colourSpace === 'luma') parts.push('y');
  if (border !== undefined && (border > 0 || name === 'aligned-psnr')) parts.push(String(border));
  return parts.join(':');
}

/** The name of a colour space in requests. */
export function shortName(space: ColourSpace): string {
  return space === 'luma' ? 'y' : 'rgb';
}
