import { CANCEL_GRACE } from '../../app/restore/spare-engine.js';
import { createEngine } from '../../engine/engine.js';
import { taskOf, tasks } from '../../restoration/index.js';
import type { CliCommand } from '../command.js';
import { parseOptions } from '../options.js';
import { withChainOptions } from '../restore/chain-options.js';
import { refuseBurstOptions, refuseImageOptions } from '../restore/request.js';
import { restoreBursts } from '../restore/restore-bursts.js';
import { restoreFlags } from '../restore/restore-flags.js';
import { restoreOptions } from '../restore/restore-options.js';
import { restoreImages } from '../restore/restore-pictures.js';
import { taskOfOptions } from '../restore/task-of-options.js';

const titles = Object.values(tasks).map(({ name, title }) => `${name}: ${title}`);

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
