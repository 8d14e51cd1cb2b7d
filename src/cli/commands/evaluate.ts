import { join } from 'node:path';
import { z } from 'zod';
import { evaluate } from '../../benchmark/evaluation/evaluate.js';
import {
  type CropChoice,
  type CropSquare,
  type EvaluateRequest,
  type EvaluateResult,
  USUAL_CROPS,
} from '../../benchmark/evaluation/evaluate-request.js';
import type { MethodSpec } from '../../benchmark/evaluation/method.js';
import { evaluationTasks } from '../../benchmark/evaluation/tasks.js';
import { layoutNames } from '../../datasets/dataset.js';
import { readInputText } from '../../files/input-file.js';
import type { MetricSettings } from '../../metrics/metric.js';
import { defaultMetrics, parseMetricRequest } from '../../metrics/request.js';
import { shippedPacks } from '../../models/packs.js';
import { storeFolder } from '../../models/pull/pull-model.js';
import type { EvaluateFailure } from '../../reports/tables/record.js';
import { textTables } from '../../reports/tables/table-formats.js';
import { taskNames } from '../../restoration/task-names.js';
import { ParameterError } from '../../utils/errors.js';
import { type CliCommand, type CommandContext, type ExitCode, exitCodes } from '../command.js';
import { borderOption, parseOptions, positive, threadsOption, whole } from '../options.js';
import type { Progress } from '../progress.js';
import { METHODS_HELP, parseMethods } from './evaluate-methods.js';
import { STORE_FLAG, STORE_HELP } from './models/model-options.js';

/** Measures methods on data sets. */
export const command: CliCommand = {
  name: 'evaluate',
  configure: (command) =>
    command
      .argument('<dataset...>', 'folders of data sets, or of plain images with --task sr4')
      .requiredOption('-o, --output <folder>', 'folder of the results')
      .option('--task <task>', `task of the data sets: ${taskNames.join(', ')}`)
      .option('--methods <list>', `${METHODS_HELP} (default: those of the task)`)
      .option(
        '--metrics <list>',
        'comma-separated, such as psnr,ssim:y:4,lpips,swd (default: see dp-ir metrics list)',
      )
      .option('--space <space>', 'rgb or y, for metrics that state none')
      .option('--border <pixels>', 'pixels to ignore along every edge, for metrics that state none')
      .option('--seeds <list>', 'such as 0-2: averaged for each image (default: 0)')
      .option('--compare <name>', 'the method that the others are compared with, by its name')
      .option('--resamples <n>', 'bootstrap resamples behind intervals (default: 2000)')
      .option('--steps <n>', 'evaluations, for packs that state none (default: the pack)')
      .option('--tau <t>', 'time the chain starts at, for packs that state none')
      .option('--layout <layout>', `of the data sets: ${layoutNames.join(', ')} (default: found)`)
      .option('--split <split>', 'such as train, valid or test')
      .option('--degradation <file>', 'JSON of a degradation that makes the inputs')
      .option('--degradation-seed <n>', 'of that degradation', '0')
      .option('--list <file>', 'names of the images to take, one on each line (default: all)')
      .option('--limit <n>', 'most images of each data set')
      .option('--save-images', 'write the results as PNG below images/')
      .option('--crops <crop...>', CROPS_HELP)
      .option('--parallel <n>', 'images at the same time, each in a process', '1')
      .option(
        '--natural-scenes <file>',
        'parameters of NIQE as JSON (default: those of the package)',
      )
      .option(STORE_FLAG, STORE_HELP)
      .option('--device <name>', 'see dp-ir devices', 'cpu')
      .option('--threads <n>', 'CPU threads of each process (default: the cores shared out)'),
  run: async ({ arguments: [datasets], options, report, signal }) => {
    const parsed = parseOptions(evaluateOptions, options);
    const request = await evaluateRequest(datasets as readonly string[], parsed);
    let bar: Progress | undefined;
    const result = await evaluate({
      ...request,
      signal,
      onPlan: ({ images, reused, missing }) => {
        for (const { request: metric, missing: reason } of missing)
          report.warning(`${metric} is skipped: ${reason}`);
        report.message(planText(images, reused));
      },
      onProgress: ({ done, total, finished, images, note }) => {
        bar ??= report.progress('evaluating', total);
        bar.update(done, `${finished} of ${images}, ${note}`);
      },
      onFailure: (failure) => report.warning(failureText(failure)),
    });
    return conclude(result, request.output, parsed.metrics !== undefined, report);
  },
};

function conclude(
  { rows, tables, failures, unmeasured, missing, comparisons, comparisonTables }: EvaluateResult,
  output: string,
  asked: boolean,
  report: CommandContext['report'],
): ExitCode {
  const scores = { rows: rows.map(withoutInfinity), comparisons };
  const value = { output, ...scores, failures, unmeasured, missing };
  report.result(value, textTables([...tables, ...comparisonTables]));
  if (unmeasured.length > 0)
    report.message(
      `${unmeasured.length} images could not be judged by a metric; results.json lists them`,
    );
  report.message(
    `${join(output, 'results.html')} shows these tables with the command that reproduces each row`,
  );
  if (failures.length > 0) {
    const count = `${failures.length} failure${failures.length === 1 ? '' : 's'}`;
    report.warning(`${count}; results.html and results.json list them`);
    return exitCodes.failed;
  }
  return asked && missing.length > 0 ? exitCodes.missing : exitCodes.done;
}

/** JSON knows no infinity, which becomes text. */
function withoutInfinity(row: object): object {
  return JSON.parse(
    JSON.stringify(row, (_, value) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    ),
  );
}

function planText(images: number, reused: number): string {
  const count = (n: number): string => `${n} image${n === 1 ? '' : 's'}`;
  if (reused === 0) return `${count(images)} to measure, counted for each method and seed`;
  return `${count(images - reused)} to measure, ${reused} measured already`;
}

function failureText({ dataset, method, item, seed, message }: EvaluateFailure): string {
  return `${dataset}, ${item}, ${method}, seed ${seed}: ${message}`;
}

const text = z.string().min(1);

const MOST_SEEDS = 10_000;

/** Numbers and ranges such as `0-4` or `1,3,10-12`. */
const seeds = z
  .string()
  .regex(/^\d{1,15}(-\d{1,15})?(,\d{1,15}(-\d{1,15})?)*$/, 'numbers and ranges such as 0-4')
  .transform((list) =>
    list.split(',').flatMap((part) => {
      const [first, last = first] = part.split('-').map(Number) as [number, number?];
      return Array.from(
        { length: Math.min(MOST_SEEDS + 1, last - first + 1) },
        (_, at) => first + at,
      );
    }),
  )
  .pipe(
    z.array(z.int()).min(1, 'ranges that rise').max(MOST_SEEDS, `at most ${MOST_SEEDS} of them`),
  );

/** Options of `dp-ir evaluate` as commander hands them over. */
export const evaluateOptions = z.object({
  output: text,
  task: z.enum(taskNames).optional(),
  methods: text.optional(),
  metrics: text.optional(),
  space: z.enum(['rgb', 'y']).optional(),
  border: borderOption.optional(),
  seeds: seeds.optional(),
  compare: text.optional(),
  resamples: positive.optional(),
  steps: positive.optional(),
  tau: positive.optional(),
  layout: z.enum(layoutNames).optional(),
  split: text.optional(),
  degradation: text.optional(),
  degradationSeed: whole(0).default(0),
  list: text.optional(),
  limit: positive.optional(),
  parallel: positive.pipe(z.int().max(256)).default(1),
  saveImages: z.boolean().default(false),
  crops: z.array(text).optional(),
  naturalScenes: text.optional(),
  store: text.optional(),
  device: text.default('cpu'),
  threads: threadsOption.optional(),
});

export type EvaluateCliOptions = z.infer<typeof evaluateOptions>;

/** What `--crops` takes, for help. */
const CROPS_HELP =
  'squares that the page shows in all versions: NAME:X,Y,SIZE of an image, auto or auto:N for ' +
  'those where methods differ most, none (default: auto with --save-images)';

/**
 * Reads squares of images, `auto`, `auto:N` and `none`; undefined without the option.
 * @throws ParameterError
 */
export function parseCrops(texts: readonly string[] | undefined): CropChoice | undefined {
  if (texts === undefined) return undefined;
  const given: CropSquare[] = [];
  let automatic = 0;
  for (const text of texts) {
    const found = /^auto(?::(\d{1,4}))?$/.exec(text);
    const square = /^(.+):(\d{1,9}),(\d{1,9}),(\d{1,9})$/.exec(text);
    if (found !== null) automatic = Number(found[1] ?? USUAL_CROPS);
    else if (square !== null) {
      const [left, top, size] = square.slice(2).map(Number) as [number, number, number];
      given.push({ item: square[1]!, left, top, size });
    } else if (text !== 'none') throw new ParameterError('--crops', CROPS_HELP, text);
  }
  if (texts.includes('none') && texts.length > 1)
    throw new ParameterError('--crops', 'none alone', texts.join(' '));
  return { given, automatic };
}

/**
 * The request that the options make.
 * @throws ParameterError
 */
async function evaluateRequest(
  datasets: readonly string[],
  options: EvaluateCliOptions,
): Promise<EvaluateRequest> {
  const { steps: _steps, tau: _tau, space: _space, border: _border, ...rest } = options;
  const { degradation, degradationSeed, naturalScenes, store, crops, ...own } = rest;
  return {
    ...own,
    datasets,
    methods: await methodsOf(options),
    metrics: metricsOf(options),
    crops: parseCrops(crops),
    metricFiles: {
      store: store ?? storeFolder(),
      ...(naturalScenes === undefined ? {} : { naturalScenes }),
    },
    ...(degradation === undefined
      ? {}
      : {
          degradation: {
            settings: await readSettings(degradation),
            seed: degradationSeed,
            file: degradation,
          },
        }),
  };
}

/** Without a list: no network, then the shipped pack of the task, its first network alone and whole. */
async function methodsOf({ methods, task, tau, steps }: EvaluateCliOptions): Promise<MethodSpec[]> {
  const defaults = { tau, steps };
  if (methods !== undefined) return parseMethods(methods, defaults);
  if (task === undefined)
    throw new ParameterError('--methods', METHODS_HELP, 'neither methods nor a --task');
  const { baseline } = evaluationTasks[task];
  const hasPack = (await shippedPacks()).includes(task);
  return parseMethods(hasPack ? `${baseline},restorer:${task},pack:${task}` : baseline, defaults);
}

/** The named metrics; default: the general ones, and before them those that the literature reports for the task. */
function metricsOf({ metrics, task, space, border }: EvaluateCliOptions): string[] {
  const defaults: MetricSettings = {
    ...(space === undefined ? {} : { colourSpace: space === 'y' ? 'luma' : 'rgb' }),
    ...(border === undefined ? {} : { border }),
  };
  const labels =
    metrics === undefined
      ? defaultMetrics(true, defaults).map(({ label }) => label)
      : metrics.split(',').map((metric) => parseMetricRequest(metric, defaults).label);
  const isPlain = metrics === undefined && space === undefined && border === undefined;
  if (isPlain && task !== undefined) labels.unshift(...(evaluationTasks[task].metrics ?? []));
  return labels;
}

async function readSettings(given: string): Promise<unknown> {
  const expected = 'a JSON file of a degradation, or JSON';
  try {
    return JSON.parse(
      given.trimStart().startsWith('{') ? given : await readInputText(given, 2 ** 20),
    );
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? 'It is not JSON.' : 'It cannot be read.';
    throw new ParameterError('--degradation', expected, given, reason);
  }
}
