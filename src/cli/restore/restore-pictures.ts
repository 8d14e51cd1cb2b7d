import { planWork } from '../../app/restore/batch/plan-work.js';
import { watchImages } from '../../app/restore/batch/watch-pictures.js';
import type { Engine } from '../../engine/engine.js';
import { ParameterError } from '../../tensor/errors.js';
import type { CommandContext } from '../command.js';
import type { ExitCode } from '../exit-codes.js';
import { restoreRequest } from './request.js';
import type { RestoreCliOptions } from './restore-options.js';
import { restoreOne, restoreSeveral, restoreWatched } from './restore-targets.js';
import { folderOf, targetsOf } from './targets.js';

/** Restores images, or those that appear in folders. */
export async function restoreImages(
  options: RestoreCliOptions,
  context: Pick<CommandContext, 'report' | 'signal'>,
  engine: Engine,
): Promise<ExitCode> {
  const place = { options, request: await restoreRequest(options), context, engine };
  const { signal } = context;
  const { input: inputs, output, samples, mean, recursive } = options;
  if (options.watch) {
    const folder = await folderOf(inputs, output);
    if (folder === undefined)
      throw new ParameterError('--watch', 'a folder or pattern as input', inputs[0]);
    const found = watchImages(inputs, { signal, recursive, leaveOut: folder });
    return restoreWatched(place, found, folder);
  }
  const { targets, folder } = await targetsOf(inputs, output, { samples, mean, recursive });
  const [only, ...others] = targets;
  if (others.length === 0) return restoreOne(place, only!, folder);
  const works = await planWork(
    targets.map(({ input }) => input),
    place.request,
    { engine, signal },
  );
  return restoreSeveral(place, targets, folder, works);
}
