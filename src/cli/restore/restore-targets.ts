import { dirname } from 'node:path';
import type { FoundImage } from '../../app/restore/batch/find-pictures.js';
import { ResultNames, type Target } from '../../app/restore/batch/plan-results.js';
import { Batch, type BatchEvent } from '../../app/restore/batch/restore-all.js';
import type { BurstFilesRequest } from '../../app/restore/restore-request.js';
import type { ImageWork } from '../../app/restore/time/time-left.js';
import type { Engine } from '../../engine/engine.js';
import type { DpirError } from '../../tensor/errors.js';
import type { CommandContext } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { RestorationFollower } from './follow-restoration.js';
import type { RestoreCliOptions } from './restore-options.js';
import { tellResult, tellSkipped } from './tell.js';

/** What restorations work with. */
export interface Place {
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
  place: Place,
  target: Target,
  folder: string | undefined,
): Promise<ExitCode> {
  const { options, request, context, engine } = place;
  const { report, signal } = context;
  const follow = listener(place, new RestorationFollower(report));
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
 * @param works of each; without them every target is followed by itself.
 */
export async function restoreSeveral(
  place: Place,
  targets: readonly Target[],
  folder: string | undefined,
  works?: readonly (ImageWork | undefined)[],
): Promise<ExitCode> {
  const { options, request, context, engine } = place;
  const { report, signal } = context;
  const batch = new Batch(request, {
    ...{ engine, signal, records: folder, resume: options.resume },
    onEvent:
      works === undefined
        ? oneByOne(place)
        : listener(place, new RestorationFollower(report, works)),
  });
  for (const target of targets) await batch.restore(target);
  const { restored, skipped, failed } = batch.counts;
  report.message(`${restored} restored, ${skipped} left out, ${failed} failed`);
  return failed === 0 ? exitCodes.done : exitCodes.failed;
}

/** Restores what appears in folders into a folder until it is interrupted. */
export async function restoreWatched(
  place: Place,
  found: AsyncIterable<FoundImage>,
  folder: string,
): Promise<ExitCode> {
  const { options, request, context, engine } = place;
  const { report, signal } = context;
  const names = new ResultNames(options);
  const batch = new Batch(request, {
    ...{ engine, signal, records: folder, resume: true },
    onEvent: oneByOne(place),
  });
  let refused = 0;
  report.message(`watching ${options.input.join(', ')}; interrupt to end`);
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

/** Follows every target by itself. */
function oneByOne(place: Place): (event: BatchEvent) => void {
  let follow: ((event: BatchEvent) => void) | undefined;
  return (event) => {
    if (event.kind === 'begun')
      follow = listener(place, new RestorationFollower(place.context.report));
    follow?.(event);
  };
}

/** Says what becomes of targets. */
function listener(
  { options, context: { report } }: Place,
  follower: RestorationFollower,
): (event: BatchEvent) => void {
  return (event) => {
    switch (event.kind) {
      case 'begun':
        return follower.begin(event.target.input);
      case 'calibrated':
        return follower.calibrated(event.calibration);
      case 'progress':
        return follower.progress(event.progress);
      case 'restored': {
        follower.end(true);
        const { input, frames, output } = event.target;
        return tellResult(report, options, { input: frames ?? input, output }, event.facts);
      }
      case 'skipped':
        follower.end(false);
        return tellSkipped(report, event.target, event.why);
      case 'failed':
        follower.end(false);
        report.failure(event.error);
    }
  };
}
