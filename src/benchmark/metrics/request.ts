import type { ColourSpace, MetricSettings } from '../../metrics/metric.js';
import { findSetMetric, type SetMetric } from '../../metrics/set-metrics.js';
import { ParameterError } from '../../utils/errors.js';
import type { MetricDefinition } from './metric-definition.js';
import { findMetric, metrics } from './registry.js';

/** A metric as it is asked for: what heads its column, and how it is set. */
export interface MetricRequest {
  /** As it may be asked for again: `psnr:y:4` for the luma inside a border of four pixels. */
  readonly label: string;
  readonly definition: MetricDefinition;
  readonly settings: MetricSettings;
}

const colourSpacesByName: Readonly<Record<string, ColourSpace>> = { rgb: 'rgb', y: 'luma' };
/** Short names for what is meant most often. */
const aliases: Readonly<Record<string, string>> = { lpips: 'lpips-alex', topiq: 'topiq-nr' };

/**
 * Reads `NAME[:rgb|:y][:BORDER]`, such as `psnr`, `ssim:y` or `psnr:y:4`. A colour space that is
 * stated must be one that the metric can be computed on; one of the defaults is taken where it can.
 * @throws ParameterError for an unknown metric, colour space or border.
 */
export function parseMetricRequest(text: string, defaults: MetricSettings = {}): MetricRequest {
  const [name = '', ...parts] = text.trim().toLowerCase().split(':');
  const definition = findMetric(aliases[name] ?? name);
  if (definition === undefined)
    throw new ParameterError('metrics', `some of ${metrics.map((each) => each.name)}`, name);
  let { colourSpace, border } = defaults;
  if (colourSpace !== undefined && !definition.colourSpaces.includes(colourSpace))
    colourSpace = undefined;
  for (const part of parts) {
    const space = colourSpacesByName[part];
    if (space !== undefined) colourSpace = space;
    else if (/^\d{1,6}$/.test(part)) border = Number(part);
    else throw new ParameterError('metrics', 'NAME[:rgb|:y][:BORDER]', text);
  }
  if (colourSpace !== undefined && !definition.colourSpaces.includes(colourSpace))
    throw new ParameterError(
      'metrics',
      `${definition.name} on ${definition.colourSpaces.map(shortName).join(' or ')}`,
      text,
    );
  return requestOf(definition, {
    ...(colourSpace === undefined ? {} : { colourSpace }),
    ...(border === undefined ? {} : { border }),
  });
}

/** The metrics that are measured where nobody says which: those that images are there for. */
export function usualMetrics(
  hasReference: boolean,
  settings: MetricSettings = {},
): MetricRequest[] {
  return metrics
    .filter(({ usual, images }) => usual && (hasReference || images === 1))
    .map(({ name }) => parseMetricRequest(name, settings));
}

function requestOf(definition: MetricDefinition, settings: MetricSettings): MetricRequest {
  const { colourSpace, border } = settings;
  const hasChoice = definition.colourSpaces.length > 1;
  const parts = [definition.name];
  if (hasChoice && colourSpace === 'luma') parts.push('y');
  if (border !== undefined && (border > 0 || definition.name === 'aligned-psnr'))
    parts.push(String(border));
  return { label: parts.join(':'), definition, settings };
}

function shortName(space: ColourSpace): string {
  return space === 'luma' ? 'y' : 'rgb';
}

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
