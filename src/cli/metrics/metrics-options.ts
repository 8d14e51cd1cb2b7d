import type { Command } from 'commander';
import { z } from 'zod';
import type { MetricFiles } from '../../benchmark/metrics/open-metrics.js';
import {
  type MetricRequest,
  parseMetricRequest,
  usualMetrics,
} from '../../benchmark/metrics/request.js';
import { findPerceptualNetwork } from '../../networks/registry.js';
import { ParameterError } from '../../tensor/errors.js';
import { STORE_FLAG, STORE_HELP, storeOption } from '../models/store-option.js';
import { borderOption, whole } from '../numbers.js';

/** Options of `dp-ir metrics` as commander hands them over. */
export const metricsOptions = z.object({
  test: z.string('a file or folder').min(1),
  reference: z.string().min(1).optional(),
  metrics: z.string().min(1).optional(),
  border: borderOption.optional(),
  space: z.enum(['rgb', 'y']).optional(),
  weights: z.array(z.string()).default([]),
  naturalScenes: z.string().min(1).optional(),
  store: storeOption,
  jobs: whole(1).optional(),
  round: z.boolean().default(true),
  csv: z.boolean().default(false),
  json: z.boolean().default(false),
});

export type MetricsCliOptions = z.infer<typeof metricsOptions>;

export function addMetricsOptions(command: Command): Command {
  return command
    .option('-t, --test <path>', 'image to judge, or a folder of them')
    .option('-r, --reference <path>', 'its target, or a folder with a target for each image')
    .option(
      '--metrics <list>',
      'such as psnr,ssim:y:4 (luma, border 4); see dp-ir metrics list (default: the usual ones)',
    )
    .option('--border <pixels>', 'left out along every edge, where a metric says nothing else')
    .option('--space <space>', 'rgb or y: on what metrics are computed that have the choice')
    .option('--weights <network=file...>', 'weights of a network in place of the published ones')
    .option('--natural-scenes <file>', 'parameters of NIQE as JSON (default: those of the package)')
    .option(STORE_FLAG, STORE_HELP)
    .option('--jobs <n>', 'images at the same time (default: cores, or 1 for networks)')
    .option('--no-round', 'compare values of 16-bit files as they are, not rounded to 8 bits')
    .option('--csv', 'print a table for spreadsheets');
}

/** The metrics that were asked for, without repetitions. */
export function requestsOf({
  metrics,
  border,
  space,
  reference,
}: MetricsCliOptions): MetricRequest[] {
  const settings = {
    ...(border === undefined ? {} : { border }),
    ...(space === undefined ? {} : ({ colourSpace: space === 'y' ? 'luma' : 'rgb' } as const)),
  };
  const hasReference = reference !== undefined;
  if (metrics === undefined) return usualMetrics(hasReference, settings);
  const requests = metrics.split(',').map((text) => parseMetricRequest(text, settings));
  for (const { definition } of requests)
    if (definition.images === 2 && !hasReference)
      throw new ParameterError('--reference', `a target for ${definition.name}`, reference);
  return [...new Map(requests.map((request) => [request.label, request])).values()];
}

/** Where weights and parameters lie. */
export function filesOf({ store, weights, naturalScenes }: MetricsCliOptions): MetricFiles {
  const given = weights.map((text) => {
    const [network = '', ...file] = text.split('=');
    if (findPerceptualNetwork(network) === undefined || file.join('=') === '')
      throw new ParameterError('--weights', 'NETWORK=FILE, such as topiq-nr=weights.pth', text);
    return [network, file.join('=')] as const;
  });
  return { store, weights: Object.fromEntries(given), naturalScenes };
}
