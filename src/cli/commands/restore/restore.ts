import { basename, extname, join, resolve } from 'node:path';
import { createEngine, type Engine } from '../../../engine/engine.js';
import { isFolder } from '../../../files/input-file.js';
import { taskOf } from '../../../restoration/index.js';
import { findBursts } from '../../../restore-files/batch/find-inputs.js';
import {
  isSameFile,
  planWork,
  type Target,
  targetsIn,
} from '../../../restore-files/batch/plan-results.js';
import { watchBursts, watchImages } from '../../../restore-files/batch/watch-inputs.js';
import { CANCEL_GRACE } from '../../../restore-files/restore.js';
import { ParameterError } from '../../../utils/errors.js';
import type { CliCommand, CommandContext, ExitCode } from '../../command.js';
import { parseOptions } from '../../options.js';
import {
  addRestoreOptions,
  allOptions,
  flagsByPath,
  type RestoreCliOptions,
  requireOptionsOf,
  restoreRequest,
  restoreSchema,
  taskOfOptions,
} from './restore-options.js';
import {
  folderOf,
  restoreOne,
  restoreSeveral,
  restoreWatched,
  targetsOf,
} from './restore-targets.js';

/** Restores image files and bursts of RAW files. */
export const command: CliCommand = {
  name: 'restore',
  flags: flagsByPath(allOptions),
  configure: (command) =>
    addRestoreOptions(
      command
        .requiredOption(
          '-i, --input <file...>',
          "images, folders or patterns such as 'shots/**/*.jpg'; for a burst its RAW files",
        )
        .requiredOption('-o, --output <file>', 'result; a folder if there are several images'),
      allOptions,
    ),
  run: async (context) => {
    const options = parseOptions(restoreSchema, context.options);
    const task = await taskOfOptions(options);
    const isBurst = taskOf(task).input.name === 'burst';
    const engine = createEngine({ graceMs: CANCEL_GRACE });
    try {
      if (isBurst) {
        requireOptionsOf('burst files', options, task);
        return await restoreBursts(options, context, engine);
      }
      requireOptionsOf('image file', options, task);
      return await restoreImages(options, context, engine);
    } finally {
      await engine.close();
    }
  },
};

/** Restores images, or those that appear in folders. */
async function restoreImages(
  options: RestoreCliOptions,
  context: Pick<CommandContext, 'report' | 'signal'>,
  engine: Engine,
): Promise<ExitCode> {
  const restoring = { options, request: await restoreRequest(options), context, engine };
  const { signal } = context;
  const { input: inputs, output, samples, mean, recursive } = options;
  if (options.watch) {
    const folder = await folderOf(inputs, output);
    if (folder === undefined)
      throw new ParameterError('--watch', 'a folder or pattern as input', inputs[0]);
    const found = watchImages(inputs, { signal, recursive, exclude: folder });
    return restoreWatched(restoring, found, folder);
  }
  const { targets, folder } = await targetsOf(inputs, output, { samples, mean, recursive });
  const [only, ...others] = targets;
  if (others.length === 0) return restoreOne(restoring, only!, folder);
  const works = await planWork(
    targets.map(({ input }) => input),
    restoring.request,
    { engine, signal },
  );
  return restoreSeveral(restoring, targets, folder, works);
}

/**
 * Restores one burst, which all inputs together are; with `--recursive` and `--watch` each folder
 * of RAW frames in the inputs is one.
 */
async function restoreBursts(
  options: RestoreCliOptions,
  context: Pick<CommandContext, 'report' | 'signal'>,
  engine: Engine,
): Promise<ExitCode> {
  const restoring = { options, request: await restoreRequest(options), context, engine };
  const { input: inputs, output, samples, mean, watch, recursive } = options;
  if (!watch && !recursive) {
    const folder = (await isFolder(output)) ? output : undefined;
    return restoreOne(restoring, await burstTarget(inputs, output), folder);
  }
  for (const input of inputs)
    if (!(await isFolder(input)))
      throw new ParameterError(
        watch ? '--watch' : '--recursive',
        'folders, where each that holds RAW files is a burst',
        input,
      );
  const folder = (await folderOf(inputs, output))!;
  if (watch)
    return restoreWatched(restoring, watchBursts(inputs, { signal: context.signal }), folder);
  const targets = await targetsIn(folder, await findBursts(inputs), { samples, mean });
  return restoreSeveral(restoring, targets, folder);
}

/**
 * The file that a burst's result goes to, and what messages call the burst: its only input, or the
 * first of several. In an existing folder the result is a PNG file of that name.
 * @throws ParameterError where the result would replace a frame.
 */
async function burstTarget(inputs: readonly string[], output: string): Promise<Target> {
  const input = inputs[0]!;
  const target = {
    input,
    frames: inputs,
    output: (await isFolder(output)) ? join(output, nameOf(input)) : output,
  };
  for (const frame of inputs)
    if (await isSameFile(frame, target.output))
      throw new ParameterError('--output', 'another file than the frames', target.output);
  return target;
}

function nameOf(input: string): string {
  const name = basename(resolve(input)).replace(/[*?]+/g, '');
  const stem = basename(name, extname(name));
  return `${stem === '' ? 'burst' : stem}.png`;
}
