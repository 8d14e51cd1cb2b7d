import { z } from 'zod';
import { writeTrajectory } from '../../benchmark/trajectory/trajectory.js';
import type { TrajectoryFacts } from '../../reports/trajectory-page.js';
import { taskNames, taskOf } from '../../restoration/index.js';
import { type CliCommand, exitCodes } from '../command.js';
import { parseOptions, whole } from '../options.js';
import type { Progress } from '../progress.js';
import { withChainOptions } from './restore/chain-options.js';
import {
  burstRequest,
  chainFlags,
  refuseBurstOptions,
  restoreOptions,
  taskOfOptions,
} from './restore/restore-options.js';

const square = z
  .string()
  .regex(/^\d{1,9},\d{1,9},\d{1,9}$/, 'X,Y,SIZE in pixels of the result')
  .transform((text) => {
    const [left, top, size] = text.split(',').map(Number) as [number, number, number];
    return { left, top, size };
  });
const options = restoreOptions.extend({
  crop: square.optional(),
  shown: whole(2).optional(),
});

/** Shows how a restoration comes about. */
export const command: CliCommand = {
  name: 'trajectory',
  flags: chainFlags,
  configure: (command) =>
    withChainOptions(
      command
        .description('show how a result comes about, step by step, on a page')
        .requiredOption(
          '-i, --input <file...>',
          'an image; for a burst its RAW files, their folder or a pattern',
        )
        .requiredOption('-o, --output <file>', 'HTML file')
        .option('--task <task>', `${taskNames.join(', ')} (default: that of the pack)`)
        .option(
          '--model <pack>',
          'folder of a pack, or the name of a shipped one (default: the task, or sr4)',
        )
        .option('--crop <x,y,size>', 'what is shown of the result (default: 192 in the middle)')
        .option('--shown <n>', 'most steps that are shown (default: 24)')
        .option('--reference <frame>', 'of a burst: name, or number from 0 (default: the sharpest)')
        .option('--frames <n>', 'of a burst: most frames to use, the sharpest (default: all)')
        .option('--scale <n>', 'of a burst: pixels for one of the sensor (default: the pack)'),
    ),
  run: async ({ options: given, report, signal }) => {
    const parsed = parseOptions(options, given);
    const task = await taskOfOptions(parsed);
    if (taskOf(task).input.name !== 'burst') refuseBurstOptions(parsed, task);
    const { input, output, crop, shown } = parsed;
    const { pack, modules, scale, frames, reference, ...request } = await burstRequest(parsed);
    const { device, threads, maxPixels, tile, seed, allowBeyondTraining } = request;
    const { tau, steps, start, sampler, eta, variance, noiseLevel, consistency, detail } = request;
    let bar: Progress | undefined;
    const facts = await writeTrajectory(input, output, {
      ...{ pack, task: parsed.task, modules, scale, frames, reference, crop, shown },
      ...{ device, threads, maxPixels, tile, seed, allowBeyondTraining },
      ...{ tau, steps, start, sampler, eta, variance, noiseLevel, consistency, detail, signal },
      onProgress: ({ done, total }) => {
        bar ??= report.progress('restoring', total);
        bar.update(done);
      },
    });
    report.result({ output, ...facts }, textOf(output, facts));
    return exitCodes.done;
  },
};

function textOf(output: string, { steps, shown, nfe, crop, width, height }: TrajectoryFacts) {
  const times = shown.map(({ t }) => t).join(', ');
  const { left, top, size } = crop;
  return [
    `${output}: ${shown.length} of ${steps} steps, NFE ${nfe}, t = ${times}`,
    `shown: ${size} pixels a side at ${left}, ${top} of ${width}x${height}`,
  ].join('\n');
}
