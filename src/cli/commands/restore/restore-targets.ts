import { stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import type { Engine } from '../../../engine/engine.js';
import { isPattern } from '../../../files/glob.js';
import { isFolder } from '../../../files/input-file.js';
import { type FoundImage, findImages } from '../../../restore-files/batch/find-inputs.js';
import { ResultNames, type Target, targetsIn } from '../../../restore-files/batch/plan-results.js';
import { Batch, type BatchEvent } from '../../../restore-files/batch/restore-all.js';
import type { BurstFilesRequest } from '../../../restore-files/restore-request.js';
import type { SampleRequest } from '../../../restore-files/samples.js';
import type { ImageWork } from '../../../restore-files/time-left.js';
import { type DpirError, ParameterError } from '../../../utils/errors.js';
import { type CommandContext, type ExitCode, exitCodes } from '../../command.js';
import type { RestoreCliOptions } from './restore-options.js';
import { ProgressReporter, reportResult, reportSkipped } from './restore-report.js';

/** Options, request and engine that all restorations of a command share. */
export interface RestoreContext {
  readonly options: RestoreCliOptions;
  readonly request: BurstFilesRequest;
  readonly context: Pick<CommandContext, 'report' | 'signal'>;
  readonly engine: Engine;
}

/**
 * Restores one target, whose failure is that of the command.
 * @param folder of the results, where one was named.
 */
export async function restoreOne(
  restoring: RestoreContext,
  target: Target,
  folder: string | undefined,
): Promise<ExitCode> {
  const { options, request, context, engine } = restoring;
  const { report, signal } = context;
  const follow = listener(restoring, new ProgressReporter(report));
  let failure: DpirError | undefined;
  const batch = new Batch(request, {
    ...{ engine, signal, resume: options.resume },
    records: folder ?? (options.resume ? dirname(target.output) : undefined),
    onEvent: (event) => {
      if (event.kind === 'failed') failure = event.error;
      else follow(event);
    },
  });
  await batch.restore(target);
  if (failure !== undefined) throw failure;
  return exitCodes.done;
}

/**
 * Restores several targets one after another.
 * @param works of each; without them the progress of every target is reported separately.
 */
export async function restoreSeveral(
  restoring: RestoreContext,
  targets: readonly Target[],
  folder: string | undefined,
  works?: readonly (ImageWork | undefined)[],
): Promise<ExitCode> {
  const { options, request, context, engine } = restoring;
  const { report, signal } = context;
  const batch = new Batch(request, {
    ...{ engine, signal, records: folder, resume: options.resume },
    onEvent:
      works === undefined
        ? separately(restoring)
        : listener(restoring, new ProgressReporter(report, works)),
  });
  for (const target of targets) await batch.restore(target);
  const { restored, skipped, failed } = batch.counts;
  report.message(`${restored} restored, ${skipped} skipped, ${failed} failed`);
  return failed === 0 ? exitCodes.done : exitCodes.failed;
}

/** Restores images that appear in folders until it is interrupted. */
export async function restoreWatched(
  restoring: RestoreContext,
  found: AsyncIterable<FoundImage>,
  folder: string,
): Promise<ExitCode> {
  const { options, request, context, engine } = restoring;
  const { report, signal } = context;
  const names = new ResultNames(options);
  const batch = new Batch(request, {
    ...{ engine, signal, records: folder, resume: true },
    onEvent: separately(restoring),
  });
  let refused = 0;
  report.message(`watching ${options.input.join(', ')}; press Ctrl+C to stop`);
  for await (const image of found) {
    const target = await names.inFolder(image, folder).catch((error) => {
      refused += 1;
      report.failure(error);
    });
    if (target !== undefined) await batch.restore(target);
  }
  const { restored, failed } = batch.counts;
  report.message(`${restored} restored, ${failed + refused} failed`);
  return failed + refused === 0 ? exitCodes.done : exitCodes.failed;
}

/** Reports the progress of every target separately. */
function separately(restoring: RestoreContext): (event: BatchEvent) => void {
  let follow: ((event: BatchEvent) => void) | undefined;
  return (event) => {
    if (event.kind === 'begun')
      follow = listener(restoring, new ProgressReporter(restoring.context.report));
    follow?.(event);
  };
}

/** Reports progress and results of targets. */
function listener(
  { options, context: { report } }: RestoreContext,
  follower: ProgressReporter,
): (event: BatchEvent) => void {
  return (event) => {
    switch (event.kind) {
      case 'begun':
        return follower.begin(event.target.input);
      case 'progress':
        return follower.progress(event.progress);
      case 'restored': {
        follower.end(true);
        const { input, frames, output } = event.target;
        return reportResult(report, options, { input: frames ?? input, output }, event.facts);
      }
      case 'skipped':
        follower.end(false);
        return reportSkipped(report, event.target, event.why);
      case 'failed':
        follower.end(false);
        report.failure(event.error);
    }
  };
}

/** Pairs of inputs and outputs, and the folder of the results; a single image may go to a file. */
export interface Targets {
  readonly targets: readonly Target[];
  readonly folder: string | undefined;
}

/**
 * Pairs inputs with outputs: one file, or files with the inputs' names and paths in a folder, which
 * is created if it does not exist.
 * @throws ParameterError where several images have no folder to go to, two results would have
 * one name, or a result would replace an input; InputError for inputs without images.
 */
export async function targetsOf(
  inputs: readonly string[],
  output: string,
  { recursive, ...samples }: SampleRequest & { readonly recursive?: boolean | undefined } = {},
): Promise<Targets> {
  const folder = await folderOf(inputs, output);
  if (folder === undefined) {
    const target = { input: inputs[0]!, output };
    return { targets: [await new ResultNames(samples).take(target)], folder };
  }
  const images = await findImages(inputs, { recursive, exclude: folder });
  return { targets: await targetsIn(folder, images, samples), folder };
}

/** Whether an input stands for several images; a file may really be called `*.png`. */
async function namesSeveral(input: string): Promise<boolean> {
  const facts = await stat(input).catch(() => undefined);
  return facts === undefined ? isPattern(input) : facts.isDirectory();
}

/**
 * The folder that results go to; undefined for one image that goes to a file.
 * @throws ParameterError where several images would go to a file.
 */
export async function folderOf(
  inputs: readonly string[],
  output: string,
): Promise<string | undefined> {
  if (await isFolder(output)) return output;
  const [input] = inputs;
  const isOne = inputs.length === 1 && !(await namesSeveral(input!));
  const isNamed = /[\\/]$/.test(output);
  if (isOne && !isNamed) return undefined;
  if (isNamed || extname(basename(output)) === '') return output;
  throw new ParameterError('--output', 'an existing folder for several images', output);
}
