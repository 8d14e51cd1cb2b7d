import { findBursts } from '../../app/restore/batch/find-bursts.js';
import { isFolder } from '../../app/restore/batch/find-pictures.js';
import { targetsIn } from '../../app/restore/batch/plan-results.js';
import { watchBursts } from '../../app/restore/batch/watch-pictures.js';
import type { Engine } from '../../engine/engine.js';
import { ParameterError } from '../../tensor/errors.js';
import type { CommandContext } from '../command.js';
import type { ExitCode } from '../exit-codes.js';
import { burstTarget } from './burst-target.js';
import { burstRequest } from './request.js';
import type { RestoreCliOptions } from './restore-options.js';
import { restoreOne, restoreSeveral, restoreWatched } from './restore-targets.js';
import { folderOf } from './targets.js';

/**
 * Restores one burst, which all inputs together are; with `--recursive` and `--watch` each folder
 * of RAW frames in the inputs is one.
 */
export async function restoreBursts(
  options: RestoreCliOptions,
  context: Pick<CommandContext, 'report' | 'signal'>,
  engine: Engine,
): Promise<ExitCode> {
  const place = { options, request: await burstRequest(options), context, engine };
  const { input: inputs, output, samples, mean, watch, recursive } = options;
  if (!watch && !recursive) {
    const folder = (await isFolder(output)) ? output : undefined;
    return restoreOne(place, await burstTarget(inputs, output), folder);
  }
  for (const input of inputs)
    if (!(await isFolder(input)))
      throw new ParameterError(
        watch ? '--watch' : '--recursive',
        'folders, where each that holds RAW files is a burst',
        input,
      );
  const folder = (await folderOf(inputs, output))!;
  if (watch) return restoreWatched(place, watchBursts(inputs, { signal: context.signal }), folder);
  const targets = await targetsIn(folder, await findBursts(inputs), { samples, mean });
  return restoreSeveral(place, targets, folder);
}
