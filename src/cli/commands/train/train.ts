import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { inGibibytes, type TrainingMemory } from '../../../training/cost/training-memory.js';
import type { TrainingEvent } from '../../../training/job.js';
import type { Recipe, TrainingKindName } from '../../../training/recipe.js';
import type { TrainingProgress } from '../../../training/run/log.js';
import { WEIGHTS_FILE } from '../../../training/run/run-folder.js';
import { runTraining } from '../../../training/run-training.js';
import { CancelledError, ParameterError } from '../../../utils/errors.js';
import { type CliCommand, type CommandContext, type ExitCode, exitCodes } from '../../command.js';
import { number, parseOptions, positive, threadsOption, whole } from '../../options.js';
import type { Progress } from '../../progress.js';
import type { Report } from '../../report.js';
import { entryFlags, givenEntries, recipeFlags } from './recipe-flags.js';
import { command as report } from './train-report.js';

/** Trains one of the three modules from a folder of photographs. */
export const command: CliCommand = {
  name: 'train',
  subcommands: [
    kindCommand('restorer', 'train a network that enlarges images'),
    kindCommand('denoiser', 'train a Gaussian denoiser that knows the noise level'),
    kindCommand('fusion', 'train a fusion network between a frozen restorer and denoiser'),
    report,
  ],
};

function kindCommand(kind: TrainingKindName, description: string): CliCommand {
  return {
    name: kind,
    flags: (typed) => entryFlags(kind, typed),
    configure: (command) => configureTraining(command.description(description), kind),
    run: (context) => trainKind(kind, context),
  };
}

async function trainKind(kind: TrainingKindName, context: CommandContext): Promise<ExitCode> {
  const options = parseOptions(trainOptions, context.options);
  const given = givenEntries(kind, context.options);
  const { assembleRecipe, resumedRecipe } = await import('./assemble-recipe.js');
  const { output, resume, recipe: file } = options;
  const folder = (): string => {
    if (output === undefined) throw new ParameterError('--output', 'a folder', undefined);
    return output;
  };
  if (resume && file !== undefined)
    throw new ParameterError('--recipe', 'nothing with --resume', file);
  const recipe = resume
    ? resumedRecipe((await savedRun(folder())).recipe, kind, given)
    : await assembleRecipe(kind, file, given);
  if (options.printRecipe) {
    const { printRecipe } = await import('./assemble-recipe.js');
    await printRecipe(recipe, options, context);
    return exitCodes.done;
  }
  const { followTraining } = await import('./train.js');
  return followTraining(recipe, { ...options, output: folder() }, context);
}

async function savedRun(folder: string) {
  const { loadRun } = await import('../../../training/run/run-folder.js');
  const saved = await loadRun(folder);
  if (saved === undefined) throw new ParameterError('--resume', 'a folder with a run', folder);
  return saved;
}

/** The options of `dp-ir train` that are not about the recipe. */
export const trainOptions = z.object({
  output: z.string().min(1, 'a folder').optional(),
  recipe: z.string().optional(),
  resume: z.boolean().default(false),
  device: z.string().optional(),
  threads: threadsOption.optional(),
  workers: whole(0).optional(),
  segments: positive.default(1),
  memory: number.pipe(z.number().gt(0)).optional(),
  cache: z.string().min(1, 'a folder').optional(),
  cacheLimit: number.pipe(z.number().gt(0)).optional(),
  saveEvery: number.pipe(z.number().min(0)).default(120),
  logEvery: positive.default(20),
  printRecipe: z.boolean().default(false),
  trial: z.boolean().default(true),
  json: z.boolean().default(false),
});

export type TrainOptions = z.infer<typeof trainOptions>;

/** Gives a command the options of a kind of training. */
export function configureTraining(command: Command, kind: TrainingKindName): void {
  command.option('-o, --output <folder>', 'of the run: state, weights and log');
  for (const { flags, description } of recipeFlags(kind)) command.option(flags, description);
  command
    .option('--recipe <file>', 'recipe as --print-recipe prints it; options go before it')
    .option(
      '--resume',
      'go on with the run in the output folder; its recipe holds, but for --steps',
    )
    .option('--device <name>', 'cpu or another name of dp-ir devices')
    .option('--threads <n>', 'CPU threads')
    .option('--workers <n>', 'threads that make batches ahead (default: 1, or 0 on one processor)')
    .option(
      '--segments <n>',
      'stretches of the network that are computed again: less memory, more time (default: 1)',
    )
    .option('--memory <GiB>', 'most memory to take (default: nine tenths of the machine)')
    .option('--cache <folder>', 'of restored crops, to share (default: in the output folder)')
    .option('--cache-limit <GiB>', 'most that this folder takes (default: 8)')
    .option('--save-every <seconds>', 'time between saves (default: 120)')
    .option('--log-every <n>', 'steps between lines of the log (default: 20)')
    .option(
      '--print-recipe',
      'print the complete recipe, its cost, memory and hours here, and do not train',
    )
    .option('--no-trial', 'with --print-recipe: try no steps, and tell neither memory nor hours')
    .addHelpText('after', helpText(kind));
}

function helpText(kind: TrainingKindName): string {
  const modules = kind === 'fusion' ? ' --restorer R.safetensors --denoiser D.safetensors' : '';
  return `
What is not given has a default for compact networks; --print-recipe shows all of it.
Ctrl-C saves the state and stops; once more stops without saving.

Examples:
  dp-ir train ${kind} --data photos${modules} -o runs/${kind}
  dp-ir train ${kind} -o runs/${kind} --resume
`;
}

/** Trains in an engine process and tells of it, until the end or an interrupt. */
export async function followTraining(
  recipe: Recipe,
  options: TrainOptions & { readonly output: string },
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<ExitCode> {
  const { output, resume, device, threads, workers, memory, saveEvery, logEvery, json } = options;
  const { cache, cacheLimit } = options;
  const course = new Course(recipe, report, json);
  const hint = `go on with: dp-ir train ${recipe.kind} -o ${output} --resume`;
  const job = {
    recipe,
    segments: options.segments,
    output,
    resume,
    saveEvery,
    logEvery,
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
    ...(workers === undefined ? {} : { workers }),
    ...(memory === undefined ? {} : { memory: memory * 2 ** 30 }),
    ...(cache === undefined ? {} : { cache: resolve(cache) }),
    ...(cacheLimit === undefined ? {} : { cacheBytes: cacheLimit * 2 ** 30 }),
  };
  try {
    const result = await runTraining(job, { signal, onEvent: (event) => course.tell(event) });
    const weights = join(output, WEIGHTS_FILE);
    const text = `${weights}: ${result.step} steps, ${result.seconds.toFixed(0)} s`;
    report.result({ result: { ...result, weights } }, text);
    if (result.finished) return exitCodes.done;
    report.message(`stopped after step ${result.step} and saved; ${hint}`);
    return exitCodes.interrupted;
  } catch (error) {
    if (error instanceof CancelledError) report.message(`stopped; once there is a state, ${hint}`);
    throw error;
  }
}

/** The events of a run as a user sees them. */
class Course {
  readonly #recipe: Recipe;
  readonly #report: Report;
  readonly #json: boolean;
  #first: number | undefined;
  #progress: Progress | undefined;
  #restoring: Progress | undefined;
  #last: TrainingProgress | undefined;

  constructor(recipe: Recipe, report: Report, json: boolean) {
    this.#recipe = recipe;
    this.#report = report;
    this.#json = json;
  }

  tell(event: TrainingEvent): void {
    if (event.kind === 'started') {
      const { effective, threads, runtime } = event.device;
      this.#report.message(`training on ${effective}, ${threads} threads, ${runtime}`);
    } else if (event.kind === 'log') {
      this.#last = event.entry;
      if (this.#json) this.#report.result(event.entry, '');
    } else if (event.kind === 'validation') {
      const { psnr, best, levels } = event.entry.validation;
      if (this.#json) this.#report.result(event.entry, '');
      else {
        const mark = best ? ', the best so far' : '';
        const measured = levels.map(({ measures }) => describeMeasures(measures)).join('');
        const score = `${psnr.toFixed(2)} dB held out${measured}`;
        this.#report.message(`step ${event.entry.step}: ${score}${mark}`);
      }
    } else if (event.kind === 'warning') {
      this.#report.warning(event.message);
    } else if (event.kind === 'memory') {
      this.#report.message(describeMemory(event.memory));
      if (this.#json) this.#report.result({ memory: event.memory }, '');
    } else if (event.kind === 'restored') {
      this.#restoring ??= this.#report.progress('restoring crops', event.count);
      this.#restoring.update(event.done, `crop ${event.done}/${event.count}`);
    } else this.#draw(event);
  }

  /** Progress counts the steps of this sitting, so that its rate is right from the start. */
  #draw({ step }: Extract<TrainingEvent, { kind: 'step' }>): void {
    const { steps } = this.#recipe;
    this.#first ??= step;
    this.#progress ??= this.#report.progress('training', steps - this.#first);
    const parts = [`step ${step}/${steps}`];
    if (this.#last !== undefined) parts.push(...rates(this.#last));
    this.#progress.update(step - this.#first, parts.join(', '));
  }
}

/** Figures besides the PSNR, such as `, flowError 0.21`. */
function describeMeasures(measures: Readonly<Record<string, number>> = {}): string {
  return Object.entries(measures)
    .map(([name, value]) => `, ${name} ${value.toPrecision(3)}`)
    .join('');
}

/** Loss, learning rate, patches per second, and the share of time without data. */
function rates({ loss, learningRate, samplesPerSecond, batchShare }: TrainingProgress): string[] {
  return [
    `loss ${loss.toPrecision(3)}`,
    `rate ${learningRate.toExponential(1)}`,
    `${samplesPerSecond.toFixed(1)} patches/s`,
    `idle ${(100 * batchShare).toFixed(1)} %`,
  ];
}

/** Announced memory in a line. */
export function describeMemory({ total, results, photographs }: TrainingMemory): string {
  const besides =
    photographs > 0 ? `, and up to ${inGibibytes(photographs)} of decoded photographs` : '';
  return `memory: ${inGibibytes(total)}, ${inGibibytes(results)} of it results of one step${besides}`;
}
