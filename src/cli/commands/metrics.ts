import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import {
  findItems,
  type ImageScores,
  type LabelledMetric,
  meanScores,
  measureImages,
} from '../../benchmark/measure/measure-images.js';
import { type MetricFiles, pullCommands } from '../../benchmark/metrics/open-metrics.js';
import { listImages } from '../../datasets/list-folder.js';
import { asPath, csvText, shellLine } from '../../files/quoting.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { decodeImage } from '../../images/decode.js';
import { encodeNaturalScenes, fitNaturalScenes } from '../../metrics/niqe.js';
import { metrics } from '../../metrics/registry.js';
import {
  defaultMetrics,
  type MetricRequest,
  parseMetricRequest,
  shortName,
} from '../../metrics/request.js';
import { findPerceptualNetwork } from '../../networks/registry.js';
import { CancelledError, InputError, ModelError, ParameterError } from '../../utils/errors.js';
import { type CliCommand, exitCodes } from '../command.js';
import { visible } from '../format.js';
import { borderOption, parseOptions, whole } from '../options.js';
import type { Report } from '../report.js';
import { STORE_FLAG, STORE_HELP, storeOption } from './models/model-options.js';

const inputTexts = { image: 'no reference', pair: 'reference', set: 'sets' } as const;

const listOptions = z.object({ store: storeOption });

/** Lists the metrics. */
export const list: CliCommand = {
  name: 'list',
  configure: (list) =>
    list
      .description('list the metrics, which of them are defaults, and how to get missing weights')
      .option(STORE_FLAG, STORE_HELP),
  run: async ({ options, report }) => {
    const { store } = parseOptions(listOptions, options);
    const width = Math.max(...metrics.map(({ name }) => name.length));
    for (const metric of metrics) {
      const { name, title, judges, input, isDefault } = metric;
      const pull = await pullCommands(metric, { store });
      const spaces = metric.colourSpaces.map(shortName);
      const state = pull.length === 0 ? '' : `; needs ${pull.join(' && ')}`;
      report.result(
        { name, title, judges, input, spaces, default: isDefault, pull },
        `${name.padEnd(width)}  ${inputTexts[input].padEnd(12)}  ${spaces.join(' or ').padEnd(8)}  ${title}${isDefault ? ' (default)' : ''}${state}`,
      );
    }
    return exitCodes.done;
  },
};

const fitNiqeOptions = z.object({
  input: z.string().min(1),
  output: z.string().min(1),
  name: z.string().min(1).optional(),
  provenance: z.string().min(1).optional(),
});

/** Fits the parameters of NIQE. */
export const fitNiqe: CliCommand = {
  name: 'fit-niqe',
  configure: (fitNiqe) =>
    fitNiqe
      .description('fit the natural scenes of NIQE on a folder of undistorted photographs')
      .requiredOption('-i, --input <folder>', 'photographs at their full size')
      .requiredOption('-o, --output <file>', 'JSON to write, for dp-ir metrics --natural-scenes')
      .option(
        '--name <name>',
        'name of the parameters in results (default: the name of the folder)',
      )
      .option('--provenance <text>', 'where the photographs are from'),
  run: async ({ options, report, signal }) => {
    const {
      input,
      output,
      provenance,
      name = basename(resolve(input)),
    } = parseOptions(fitNiqeOptions, options);
    const files = await listImages(input);
    const progress = report.progress('fitting', files.length);
    async function* photographs() {
      for (const [index, file] of files.entries()) {
        if (signal.aborted) throw new CancelledError('the fit');
        yield (await decodeImage(join(input, file))).tensor;
        progress.update(index + 1);
      }
    }
    const scenes = await fitNaturalScenes(photographs(), {
      name,
      ...(provenance === undefined ? {} : { provenance }),
    });
    await writeFileAtomic(output, new TextEncoder().encode(encodeNaturalScenes(scenes)));
    const { blocks } = scenes;
    report.result(
      { file: output, name, photographs: files.length, blocks },
      `${output}: ${name}, ${blocks} sharp blocks of ${files.length} photographs`,
    );
    return exitCodes.done;
  },
};

/** Measures images. */
export const command: CliCommand = {
  name: 'metrics',
  configure: (command) =>
    addMetricsOptions(command).addHelpText(
      'after',
      '\nExits with 1 where an image has no partner or could not be measured, with 3 where a requested metric lacks its weights.\n',
    ),
  subcommands: [list, fitNiqe],
  run: async ({ options, report, signal }) => {
    const settings = parseOptions(metricsOptions, options);
    const { test, reference, csv, json, jobs, round } = settings;
    if (csv && json) throw new ParameterError('--csv', 'nothing beside --json', csv);
    const requests = requestsOf(settings);
    const files = filesOf(settings);
    const lacking = await Promise.all(
      requests.map(async ({ label, metric }) => ({
        metric: label,
        pull: await pullCommands(metric, files),
      })),
    );
    const missing = lacking.filter(({ pull }) => pull.length > 0);
    const measurable = requests.filter((_, index) => lacking[index]!.pull.length === 0);
    for (const { metric, pull } of missing)
      report.warning(
        `${metric} is skipped, its weights are not on this machine: ${pull.join(' && ')}`,
      );
    if (measurable.length === 0)
      throw new ModelError(requests.map(({ label }) => label).join(', '), 'no weights are here');

    const { items, strays } = await findItems(test, reference);
    const labels = measurable.map(({ label }) => label);
    const progress = report.progress('measuring', items.length);
    let done = 0;
    const { metrics, images } =
      items.length === 0
        ? { metrics: [], images: [] }
        : await measureImages(items, measurable, {
            ...{ files, jobs, round, signal },
            onImage: () => progress.update(++done),
          });
    const command = repeatMetricsCommand(settings, labels);
    if (json) {
      for (const image of images) report.result({ ...image, scores: jsonScores(image.scores) }, '');
      const mean = jsonScores(meanScores(labels, images));
      const described = metrics.map(({ range, ...facts }) => ({
        ...facts,
        range: range.map((bound) => (Number.isFinite(bound) ? bound : 'inf')),
      }));
      report.result({ mean, metrics: described, missing, strays, command }, '');
    } else if (images.length > 0) {
      const text = csv ? csvOf(labels, images) : tableText(labels, images);
      report.result(undefined, text);
    }
    for (const metric of metrics) report.message(metricText(metric));
    warnOfProblems(report, images);
    for (const { file, reason } of strays) report.warning(`${visible(file)}: ${reason}`);
    report.message(`repeat with: ${command}`);
    if (items.length === 0) throw new InputError(test, 'there is no image to measure');
    const isWhole = strays.length === 0 && images.every(({ problems }) => problems.length === 0);
    if (!isWhole) return exitCodes.failed;
    return missing.length > 0 && settings.metrics !== undefined
      ? exitCodes.missing
      : exitCodes.done;
  },
};

function warnOfProblems(report: Report, images: readonly ImageScores[]): void {
  for (const { test, problems } of images)
    for (const { metric, message } of problems)
      report.warning(visible(metric === undefined ? message : `${test}: ${metric}: ${message}`));
}

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
      'such as psnr,ssim:y:4 (luma, border 4) (default: see dp-ir metrics list)',
    )
    .option('--border <pixels>', 'pixels to ignore along every edge, for metrics that state none')
    .option('--space <space>', 'rgb or y, for metrics that state none')
    .option('--weights <network=file...>', 'weights of a network in place of the published ones')
    .option('--natural-scenes <file>', 'parameters of NIQE as JSON (default: those of the package)')
    .option(STORE_FLAG, STORE_HELP)
    .option('--jobs <n>', 'images measured concurrently (default: cores, or 1 for networks)')
    .option('--no-round', 'compare 16-bit values without rounding them to 8 bits')
    .option('--csv', 'print a table for spreadsheets');
}

/** The requested metrics, without repetitions. */
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
  if (metrics === undefined) return defaultMetrics(hasReference, settings);
  const requests = metrics
    .split(',')
    .map((text) => parseMetricRequest(text, settings, ['image', 'pair']));
  for (const { metric } of requests)
    if (metric.input === 'pair' && !hasReference)
      throw new ParameterError('--reference', `a target for ${metric.name}`, reference);
  return [...new Map(requests.map((request) => [request.label, request])).values()];
}

/** The files of weights and parameters. */
export function filesOf({ store, weights, naturalScenes }: MetricsCliOptions): MetricFiles {
  const given = weights.map((text) => {
    const [network = '', ...file] = text.split('=');
    if (findPerceptualNetwork(network) === undefined || file.join('=') === '')
      throw new ParameterError('--weights', 'NETWORK=FILE, such as topiq-nr=weights.pth', text);
    return [network, file.join('=')] as const;
  });
  return { store, weights: Object.fromEntries(given), naturalScenes };
}

type Scores = Readonly<Record<string, number>>;

/** Scores of all images and their mean, in columns. */
export function tableText(labels: readonly string[], images: readonly ImageScores[]): string {
  const rows = [
    ['', ...labels],
    ...images.map(({ name, scores }) => [visible(name), ...cells(labels, scores, '-')]),
    ['mean', ...cells(labels, meanScores(labels, images), '-')],
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(([name, ...scores]) =>
      [
        name!.padEnd(widths[0]!),
        ...scores.map((score, index) => score.padStart(widths[index + 1]!)),
      ].join('  '),
    )
    .join('\n');
}

/** The same as comma-separated values with all digits; missing scores are empty. */
function csvOf(labels: readonly string[], images: readonly ImageScores[]): string {
  const exact = (scores: Scores) =>
    labels.map((label) => (scores[label] === undefined ? '' : spelled(scores[label])));
  const rows = [
    ['name', ...labels],
    ...images.map(({ name, scores }) => [name, ...exact(scores)]),
    ['mean', ...exact(meanScores(labels, images))],
  ];
  return csvText(rows, '\n');
}

/** Scores as JSON can hold them: `inf` for the PSNR of equal images. */
export function jsonScores(scores: Scores): Readonly<Record<string, number | string>> {
  return Object.fromEntries(
    Object.entries(scores).map(([label, score]) => [
      label,
      Number.isFinite(score) ? score : spelled(score),
    ]),
  );
}

/** Describes a column. */
export function metricText({ label, ...facts }: LabelledMetric): string {
  const { direction, range, unit, colourSpace, border, version } = facts;
  const [least, greatest] = range.map(spelled);
  const parts = [
    `${direction} is better`,
    `${least} to ${greatest}${unit === '' ? '' : ` ${unit}`}`,
    colourSpace === 'luma' ? 'luma' : 'RGB',
    `border ${border}`,
    `version ${version}`,
  ];
  return `${label}: ${parts.join(', ')}`;
}

/** The command that reproduces these scores. */
export function repeatMetricsCommand(
  { test, reference, weights, naturalScenes, round, csv, json }: MetricsCliOptions,
  labels: readonly string[],
): string {
  const words = ['dp-ir', 'metrics', '-t', asPath(test)];
  if (reference !== undefined) words.push('-r', asPath(reference));
  words.push('--metrics', labels.join(','));
  for (const each of weights) words.push('--weights', each);
  if (naturalScenes !== undefined) words.push('--natural-scenes', asPath(naturalScenes));
  if (!round) words.push('--no-round');
  if (csv) words.push('--csv');
  if (json) words.push('--json');
  return shellLine(words);
}

function cells(labels: readonly string[], scores: Scores, missing: string): string[] {
  return labels.map((label) => {
    const score = scores[label];
    if (score === undefined) return missing;
    return Number.isFinite(score) ? score.toFixed(4) : spelled(score);
  });
}

function spelled(score: number): string {
  if (Number.isFinite(score)) return String(score);
  return score > 0 ? 'inf' : '-inf';
}
