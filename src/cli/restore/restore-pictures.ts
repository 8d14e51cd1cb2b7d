import { dirname } from 'node:path';
import { ResultNames, type Target } from '../../app/restore/batch/plan-results.js';
import { planWork } from '../../app/restore/batch/plan-work.js';
import { Batch, type BatchEvent } from '../../app/restore/batch/restore-all.js';
import { watchPictures } from '../../app/restore/batch/watch-pictures.js';
import type { RestoreRequest } from '../../app/restore/restore-request.js';
import type { Engine } from '../../engine/index.js';
import { type DpirError, ParameterError } from '../../tensor/errors.js';
import type { CommandContext } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { RestorationFollower } from './follow-restoration.js';
import { restoreRequest } from './request.js';
import type { RestoreCliOptions } from './restore-options.js';
import { folderOf, targetsOf } from './targets.js';
import { tellResult, tellSkipped } from './tell.js';

/** What a batch of pictures works with. */
interface Place {
  readonly options: RestoreCliOptions;
  readonly request: RestoreRequest;
  readonly context: Pick<CommandContext, 'report' | 'signal'>;
  readonly engine: Engine;
}

/** Restores pictures, or those that appear in folders. */
export async function restorePictures(
  options: RestoreCliOptions,
  context: Pick<CommandContext, 'report' | 'signal'>,
  engine: Engine,
): Promise<ExitCode> {
  const place = { options, request: await restoreRequest(options), context, engine };
  if (options.watch) return watch(place);
  const { samples, mean, recursive } = options;
  const { targets, folder } = await targetsOf(options.input, options.output, {
    samples,
    mean,
    recursive,
  });
  const [only, ...others] = targets;
  if (others.length === 0) return restoreOne(place, only!, folder);
  const { report, signal } = context;
  const inputs = targets.map(({ input }) => input);
  const works = await planWork(inputs, place.request, { engine, signal });
  const batch = new Batch(place.request, {
    ...{ engine, signal, records: folder, resume: options.resume },
    onEvent: listener(place, new RestorationFollower(report, works)),
  });
  for (const target of targets) await batch.restore(target);
  const { restored, skipped, failed } = batch.counts;
  report.message(`${restored} restored, ${skipped} left out, ${failed} failed`);
  return failed === 0 ? exitCodes.done : exitCodes.failed;
}

/** A single picture, whose failure is that of the command. */
async function restoreOne(
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

async function watch(place: Place): Promise<ExitCode> {
  const { options, request, context, engine } = place;
  const { report, signal } = context;
  const { input: inputs, recursive, samples, mean } = options;
  const folder = await folderOf(inputs, options.output);
  if (folder === undefined)
    throw new ParameterError('--watch', 'a folder or pattern as input', inputs[0]);
  const names = new ResultNames({ samples, mean });
  let follow: ((event: BatchEvent) => void) | undefined;
  const batch = new Batch(request, {
    ...{ engine, signal, records: folder, resume: true },
    onEvent: (event) => {
      if (event.kind === 'begun') follow = listener(place, new RestorationFollower(report));
      follow?.(event);
    },
  });
  let refused = 0;
  report.message(`watching ${inputs.join(', ')}; interrupt to end`);
  for await (const picture of watchPictures(inputs, { signal, recursive, leaveOut: folder })) {
    const target = await names.inFolder(picture, folder).catch((error) => {
      refused += 1;
      report.failure(error);
    });
    if (target !== undefined) await batch.restore(target);
  }
  const { restored, failed } = batch.counts;
  report.message(`${restored} restored, ${failed + refused} failed`);
  return failed + refused === 0 ? exitCodes.done : exitCodes.failed;
}

/** Says what becomes of pictures. */
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
      case 'restored':
        follower.end(true);
        return tellResult(report, options, event.target, event.facts);
      case 'skipped':
        follower.end(false);
        return tellSkipped(report, event.target, event.why);
      case 'failed':
        follower.end(false);
        report.failure(event.error);
    }
  };
}
