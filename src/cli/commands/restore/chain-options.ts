import type { Command } from 'commander';
import { z } from 'zod';
import {
  noiseLevelKinds,
  samplerKinds,
  startModes,
  varianceKinds,
} from '../../../diffusion/index.js';
import { consistencyKinds } from '../../../restoration/index.js';
import { number } from '../../options.js';
import { CONTRACT_HELP } from '../models/model-options.js';

/** What restorations, packs and methods of a benchmark say of a chain and its results, besides its times. */
export const chainEntries = {
  start: z.enum(startModes).optional(),
  sampler: z.enum(samplerKinds).optional(),
  eta: number.pipe(z.number().min(0).max(1)).optional(),
  variance: z.enum(varianceKinds).optional(),
  noiseLevel: z.enum(noiseLevelKinds).optional(),
  consistency: z.enum(consistencyKinds).optional(),
  detail: number.pipe(z.number().min(0).max(1)).optional(),
};

/** Flags of modules in place of a pack's, of the chain, and of where networks run. */
export function withChainOptions(command: Command): Command {
  return command
    .option('--restorer <file>', "weights or ONNX file in place of the pack's restorer")
    .option('--restorer-contract <file>', CONTRACT_HELP)
    .option('--denoiser <file>', "weights or ONNX file in place of the pack's denoiser")
    .option('--denoiser-contract <file>', CONTRACT_HELP)
    .option('--fusion <file>', "weights in place of the pack's fusion network")
    .option('--steps <n>', 'evaluations of denoiser and fusion network (default: the pack)')
    .option('--tau <t>', 'time the chain starts at (default: the pack)')
    .option('--start <mode>', 'accelerated, noised or full (default: accelerated)')
    .option(
      '--sampler <kind>',
      'ancestral, ddim or dpmpp-2m (default: the pack, or by steps and tau)',
    )
    .option('--eta <share>', 'fresh noise of ddim, 0 to 1 (default: 0)')
    .option('--variance <kind>', 'large or small (default: the pack, or large)')
    .option(
      '--noise-level <kind>',
      "tracked: the networks are told the state's own noise; nominal: the schedule's (default: the pack, or tracked)",
    )
    .option(
      '--consistency <kind>',
      'exact: the result, reduced again, is the input; cautious: as far as its noise allows; none (default: the pack)',
    )
    .option(
      '--detail <share>',
      '0: the restoration network alone, 1: the sample (default: the pack)',
    )
    .option('--seed <n>', 'picks one of the possible results', '0')
    .option('--device <name>', 'see dp-ir devices', 'cpu')
    .option('--threads <n>', 'CPU threads (default: all cores)')
    .option('--tile <pixels>', "largest side of a tile of the networks' output (default: the pack)")
    .option('--max-pixels <n>', 'most pixels of a result (default: 268435456)')
    .option('--beyond-training', 'allow a tau that the modules were not trained for');
}
