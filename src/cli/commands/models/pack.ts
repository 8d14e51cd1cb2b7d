import { z } from 'zod';
import { writePack } from '../../../app/write-pack.js';
import type { CliCommand } from '../../command.js';
import { exitCodes } from '../../exit-codes.js';
import { parseOptions } from '../../options.js';

const whole = z.coerce.number().pipe(z.int());
const optionsSchema = z.object({
  output: z.string().min(1),
  name: z.string().min(1),
  task: z.enum(['sr4']),
  restorer: z.string().min(1),
  denoiser: z.string().min(1),
  fusion: z.string().min(1),
  tau: whole.pipe(z.int().min(1).max(1000)),
  steps: whole.pipe(z.int().min(1).max(1000)),
  tMax: whole.pipe(z.int().min(1).max(1000)),
  tile: whole.pipe(z.int().min(64).max(16384)),
  half: z.boolean().default(false),
  description: z.string().optional(),
});

/** Assembles a pack from three modules. */
export const command: CliCommand = {
  name: 'pack',
  configure: (command) =>
    command
      .description('assemble a pack from a restoration network, a denoiser and a fusion network')
      .requiredOption('-o, --output <folder>', 'folder of the pack')
      .requiredOption('--name <name>', 'name of the pack')
      .requiredOption('--restorer <file>', 'weights of the restoration network')
      .requiredOption('--denoiser <file>', 'weights of the denoiser')
      .requiredOption('--fusion <file>', 'weights of the fusion network')
      .requiredOption('--tau <t>', 'time the chain starts at unless told otherwise')
      .requiredOption('--steps <n>', 'evaluations unless told otherwise')
      .requiredOption('--t-max <t>', 'largest t that the modules were trained for')
      .option('--task <task>', 'sr4: super-resolution by 4', 'sr4')
      .option('--tile <pixels>', 'largest side of a tile of the result', '1536')
      .option('--half', 'store weights in half precision')
      .option('--description <text>', 'one sentence on what the pack is for'),
  run: async ({ options, report }) => {
    const { output, restorer, denoiser, fusion, tau, steps, description, ...rest } = parseOptions(
      optionsSchema,
      options,
    );
    const manifest = await writePack(output, {
      ...rest,
      files: { restorer, denoiser, fusion },
      sampler: { tau, steps },
      ...(description === undefined ? {} : { description }),
    });
    report.result({ output, manifest }, `${output}: pack ${manifest.name}`);
    return exitCodes.done;
  },
};
