import { join, resolve } from 'node:path';
import { inGibibytes, type TrainingMemory } from '../../../training/cost/training-memory.js';
import type { TrainingEvent } from '../../../training/job.js';
import type { Recipe } from '../../../training/recipe.js';
import type { TrainingProgress } from '../../../training/run/log.js';
import { WEIGHTS_FILE } from '../../../training/run/run-folder.js';
import { runTraining } from '../../../training/run-training.js';
import { CancelledError } from '../../../utils/errors.js';
import { type ExitCode, exitCodes } from '../../command.js';
import type { Progress } from '../../progress.js';
import type { Report } from '../../report.js';
import type { TrainOptions } from './train.js';

const GIBIBYTE = 2 ** 30;

/** Trains in an engine process and reports on it until the end or an interrupt. */
export async function followTraining(
  recipe: Recipe,
  options: TrainOptions & { readonly output: string },
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<ExitCode> {
  const { output, resume, device, threads, workers, memory, saveEvery, logEvery, json } = options;
  const { cache, cacheLimit } = options;
  const reporter = new TrainingReporter(recipe, report, json);
  const hint = `go on with: dp-ir train ${recipe.kind} -o ${output} --resume`;
  const job = {
    recipe,
    segments: options.segments,
    output,
    resume,
    saveEvery,
    logEvery,
    device,
    threads,
    workers,
    memory: memory && memory * GIBIBYTE,
    cache: cache && resolve(cache),
    cacheBytes: cacheLimit && cacheLimit * GIBIBYTE,
  };
  try {
    const result = await runTraining(job, { signal, onEvent: (event) => reporter.report(event) });
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

/** Prints the events of a run. */
class TrainingReporter {
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

  report(event: TrainingEvent): void {
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

  /** Progress counts the steps since this start or resumption, so that its rate is right at once. */
  #draw({ step }: Extract<TrainingEvent, { kind: 'step' }>): void {
    const { steps } = this.#recipe;
    this.#first ??= step;
    this.#progress ??= this.#report.progress('training', steps - this.#first);
    const parts = [`step ${step}/${steps}`];
    if (this.#last !== undefined) parts.push(...rates(this.#last));
    this.#progress.update(step - this.#first, parts.join(', '));
  }
}

/** Measures besides the PSNR, such as `, flowError 0.21`. */
function describeMeasures(measures: Readonly<Record<string, number>> = {}): string {
  return Object.entries(measures)
    .map(([name, value]) => `, ${name} ${value.toPrecision(3)}`)
    .join('');
}

/** Loss, learning rate, patches per second, and the share of time spent waiting for data. */
function rates({ loss, learningRate, samplesPerSecond, batchShare }: TrainingProgress): string[] {
  return [
    `loss ${loss.toPrecision(3)}`,
    `rate ${learningRate.toExponential(1)}`,
    `${samplesPerSecond.toFixed(1)} patches/s`,
    `idle ${(100 * batchShare).toFixed(1)} %`,
  ];
}

/** The memory estimate in one line. */
export function describeMemory({ total, results, photographs }: TrainingMemory): string {
  const besides =
    photographs > 0 ? `, and up to ${inGibibytes(photographs)} of decoded photographs` : '';
  return `memory: ${inGibibytes(total)}, ${inGibibytes(results)} of it results of one step${besides}`;
}
