import {
  findItems,
  type MeasuredImage,
  meanScores,
  measureImages,
} from '../../../benchmark/measure/measure-images.js';
import { pullCommands } from '../../../benchmark/metrics/open-metrics.js';
import { InputError, ModelError, ParameterError } from '../../../tensor/errors.js';
import type { CliCommand } from '../../command.js';
import { exitCodes } from '../../exit-codes.js';
import {
  addMetricsOptions,
  filesOf,
  metricsOptions,
  requestsOf,
} from '../../metrics/metrics-options.js';
import {
  csvText,
  jsonScores,
  metricText,
  repeatMetricsCommand,
  tableText,
} from '../../metrics/texts.js';
import { parseOptions } from '../../options.js';
import type { Report } from '../../report.js';
import { visible } from '../../visible.js';
import { command as fitNiqe } from './fit-niqe.js';
import { command as list } from './list.js';

/** Measures images. */
export const command: CliCommand = {
  name: 'metrics',
  configure: (command) =>
    addMetricsOptions(command)
      .description('measure the quality of images, against their targets or alone')
      .addHelpText(
        'after',
        '\nExits with 1 where an image has no partner or could not be measured, with 3 where a metric that was asked for lacks its weights.\n',
      ),
  subcommands: [list, fitNiqe],
  run: async ({ options, report, signal }) => {
    const settings = parseOptions(metricsOptions, options);
    const { test, reference, csv, json, jobs, round } = settings;
    if (csv && json) throw new ParameterError('--csv', 'nothing beside --json', csv);
    const requests = requestsOf(settings);
    const files = filesOf(settings);
    const lacking = await Promise.all(
      requests.map(async ({ label, definition }) => ({
        metric: label,
        pull: await pullCommands(definition, files),
      })),
    );
    const missing = lacking.filter(({ pull }) => pull.length > 0);
    const measurable = requests.filter((_, index) => lacking[index]!.pull.length === 0);
    for (const { metric, pull } of missing)
      report.warning(
        `${metric} is left out, its weights are not on this machine: ${pull.join(' && ')}`,
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
      const text = csv ? csvText(labels, images) : tableText(labels, images);
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

function warnOfProblems(report: Report, images: readonly MeasuredImage[]): void {
  for (const { test, problems } of images)
    for (const { metric, message } of problems)
      report.warning(visible(metric === undefined ? message : `${test}: ${metric}: ${message}`));
}
