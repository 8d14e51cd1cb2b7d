import { basename, extname, join, resolve } from 'node:path';
import { createEngine, type Engine } from '../../../engine/engine.js';
import { taskOf, tasks } from '../../../restoration/index.js';
import {
  findBursts,
  isFolder,
  watchBursts,
  watchImages,
} from '../../../restore-files/batch/find-inputs.js';
import {
  isSameFile,
  planWork,
  type Target,
  targetsIn,
} from '../../../restore-files/batch/plan-results.js';
import { CANCEL_GRACE } from '../../../restore-files/restore.js';
import { ParameterError } from '../../../utils/errors.js';
import type { CliCommand, CommandContext, ExitCode } from '../../command.js';
import { parseOptions } from '../../options.js';
import { withChainOptions } from './chain-options.js';
import {
  burstRequest,
  type RestoreCliOptions,
  refuseBurstOptions,
  refuseImageOptions,
  restoreFlags,
  restoreOptions,
  restoreRequest,
  taskOfOptions,
} from './restore-options.js';
import {
  folderOf,
  restoreOne,
  restoreSeveral,
  restoreWatched,
  targetsOf,
} from './restore-targets.js';

const titles = Object.entries(tasks).map(([name, { title }]) => `${name}: ${title}`);

/** Restores image files and bursts of RAW files. */
export const command: CliCommand = {
  name: 'restore',
  flags: restoreFlags,
  configure: (command) =>
    withChainOptions(
      command
        .description('restore images with a pack: restoration network, denoiser and fusion network')
        .requiredOption(
          '-i, --input <file...>',
          "images, folders or patterns such as 'shots/**/*.jpg'; for a burst its RAW files",
        )
        .requiredOption('-o, --output <file>', 'result; a folder where there are several images')
        .option(
          '--recursive',
          'what lies in subfolders as well, at the same paths below the output; of bursts each folder is one',
        )
        .option('--watch', 'go on with what appears in the folders, until interrupted')
        .option(
          '--resume',
          'leave out what is restored already: same content, modules and settings',
        )
        .option('--task <task>', `${titles.join('; ')} (default: that of the pack)`)
        .option(
          '--model <pack>',
          'folder of a pack, or the name of a shipped one (default: the task, or sr4)',
        )
        .option('--reference <frame>', 'of a burst: name, or number from 0 (default: the sharpest)')
        .option('--frames <n>', 'of a burst: most frames to use, the sharpest (default: all)')
        .option(
          '--scale <n>',
          'of a burst: pixels for one of the sensor, 1, 2 or 4 (default: the pack)',
        ),
    )
      .option('--samples <n>', 'results of n seeds from --seed on: NAME-s0.png and so on')
      .option('--mean <n>', 'mean of n of them, and NAME-uncertainty.png: their deviation')
      .option(
        '--region <pixels>',
        'largest side of what is restored at once (default: 4096 beyond 33554432 pixels)',
      )
      .option('--strip', 'leave EXIF, XMP and profile out of results, whose colours become sRGB')
      .option('--max-input-pixels <n>', 'most pixels of an image (default: 268435456)')
      .option('--max-bytes <size>', "most bytes of an image's file (default: 1GiB)")
      .option('--max-channels <n>', 'most channels; further ones are dropped (default: 5)')
      .option('--max-frames <n>', 'most frames or pages; the first is restored (default: 1)')
      .option(
        '--memory <size>',
        "what an image may take, such as 2GiB (default: 3/4 of the machine's)",
      )
      .option('--timeout <seconds>', 'what an image may take (default: 86400)')
      .option('--report-tiling', 'restore once more in one piece and print the difference'),
  run: async (context) => {
    const options = parseOptions(restoreOptions, context.options);
    const task = await taskOfOptions(options);
    const isBurst = taskOf(task).input.name === 'burst';
    const engine = createEngine({ graceMs: CANCEL_GRACE });
    try {
      if (isBurst) {
        refuseImageOptions(options);
        return await restoreBursts(options, context, engine);
      }
      refuseBurstOptions(options, task);
      return await restoreImages(options, context, engine);
    } finally {
      await engine.close();
    }
  },
};

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

/**
 * The file that a burst's result goes to, and what messages call the burst: its only input, or the
 * first of several. In an existing folder the result is a PNG file of that name.
 * @throws ParameterError where the result would replace a frame.
 */
export async function burstTarget(inputs: readonly string[], output: string): Promise<Target> {
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
