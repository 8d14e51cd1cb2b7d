import { z } from 'zod';
import { writeTrajectory } from '../../benchmark/trajectory/trajectory.js';
import type { TrajectoryFacts } from '../../reports/trajectory-page.js';
import { taskOf } from '../../restoration/index.js';
import { type CliCommand, exitCodes } from '../command.js';
import { parseOptions, whole } from '../options.js';
import type { Progress } from '../progress.js';
import {
  addRestoreOptions,
  chainOptions,
  flagsByPath,
  requireOptionsOf,
  restoreRequest,
  restoreShape,
  taskOfOptions,
} from './restore/restore-options.js';

const square = z
  .string()
  .regex(/^\d{1,9},\d{1,9},\d{1,9}$/, 'X,Y,SIZE in pixels of the result')
  .transform((text) => {
    const [left, top, size] = text.split(',').map(Number) as [number, number, number];
    return { left, top, size };
  });
const trajectorySchema = z.object({
  input: z.array(z.string().min(1)).min(1),
  output: z.string().min(1),
  ...restoreShape(chainOptions),
  crop: square.optional(),
  shown: whole(2).optional(),
});

/** Shows how a result evolves. */
export const command: CliCommand = {
  name: 'trajectory',
  flags: flagsByPath(chainOptions),
  configure: (command) =>
    addRestoreOptions(
      command
        .requiredOption(
          '-i, --input <file...>',
          'an image; for a burst its RAW files, their folder or a pattern',
        )
        .requiredOption('-o, --output <file>', 'HTML file')
        .option(
          '--crop <x,y,size>',
          'square of the result to show (default: 192 pixels in the middle)',
        )
        .option('--shown <n>', 'maximum number of steps to show (default: 24)'),
      chainOptions,
    ),
  run: async ({ options, report, signal }) => {
    const { input, output, crop, shown, ...values } = parseOptions(trajectorySchema, options);
    const task = await taskOfOptions(values);
    if (taskOf(task).input.name !== 'burst') requireOptionsOf('image file', values, task);
    let bar: Progress | undefined;
    const facts = await writeTrajectory(input, output, {
      ...{ ...(await restoreRequest(values)), crop, shown, signal },
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
