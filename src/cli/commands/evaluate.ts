import { join } from 'node:path';
import { evaluate } from '../../benchmark/evaluation/evaluate.js';
import type {
  EvaluateFailure,
  EvaluateResult,
} from '../../benchmark/evaluation/evaluate-request.js';
import { textTables } from '../../benchmark/tables/table-formats.js';
import { layoutNames } from '../../datasets/dataset.js';
import { taskNames } from '../../restoration/index.js';
import type { CliCommand, CommandContext } from '../command.js';
import { evaluateOptions } from '../evaluate/evaluate-options.js';
import { CROPS_HELP } from '../evaluate/parse-crops.js';
import { METHODS_HELP } from '../evaluate/parse-methods.js';
import { evaluateRequest } from '../evaluate/request.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { STORE_FLAG, STORE_HELP } from '../models/store-option.js';
import { parseOptions } from '../options.js';
import type { Progress } from '../progress.js';

/** Measures methods on data sets. */
export const command: CliCommand = {
  name: 'evaluate',
  configure: (command) =>
    command
      .description('measure methods on data sets; what is measured already is not measured again')
      .argument('<dataset...>', 'folders of data sets, or of plain images with --task sr4')
      .requiredOption('-o, --output <folder>', 'folder of the results')
      .option('--task <task>', `what it is about: ${taskNames.join(', ')}`)
      .option('--methods <list>', `${METHODS_HELP} (default: those of the task)`)
      .option(
        '--metrics <list>',
        'comma-separated, such as psnr,ssim:y:4,lpips,swd (default: the usual ones; see dp-ir metrics)',
      )
      .option('--space <space>', 'rgb or y, for metrics that do not say')
      .option('--border <pixels>', 'left out along every edge, for metrics that do not say')
      .option('--seeds <list>', 'such as 0-2: averaged for each image (default: 0)')
      .option('--compare <name>', 'the method that the others are compared with, by its name')
      .option('--resamples <n>', 'bootstrap resamples behind intervals (default: 2000)')
      .option('--steps <n>', 'evaluations, for packs that do not say (default: the pack)')
      .option('--tau <t>', 'time the chain starts at, for packs that do not say')
      .option('--layout <layout>', `of the data sets: ${layoutNames.join(', ')} (default: found)`)
      .option('--split <split>', 'such as train, valid or test')
      .option('--degradation <file>', 'JSON of a degradation that makes the inputs')
      .option('--degradation-seed <n>', 'of that degradation', '0')
      .option('--list <file>', 'names of the images to take, one on each line (default: all)')
      .option('--limit <n>', 'most images of each data set')
      .option('--save-images', 'write the results as PNG below images/')
      .option('--crops <crop...>', CROPS_HELP)
      .option('--parallel <n>', 'images at the same time, each in a process', '1')
      .option('--natural-scenes <file>', 'parameters of NIQE in place of our own')
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
          report.warning(`${metric} is left out: ${reason}`);
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
  const figures = { rows: rows.map(withoutInfinity), comparisons };
  const value = { output, ...figures, failures, unmeasured, missing };
  report.result(value, textTables([...tables, ...comparisonTables]));
  if (unmeasured.length > 0)
    report.message(`${unmeasured.length} figures are left out, which metrics cannot give`);
  report.message(`${join(output, 'results.html')} has these tables with the command of each row`);
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
