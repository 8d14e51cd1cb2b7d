import { z } from 'zod';
import { taskNames } from '../../restoration/index.js';
import { number, positive, threadsOption, whole } from '../numbers.js';
import { chainEntries } from './chain-options.js';
import { bytesOption } from './parse-bytes.js';

/** Options of `dp-ir restore` as commander hands them over. */
export const restoreOptions = z.object({
  input: z.array(z.string().min(1)).min(1),
  output: z.string().min(1),
  task: z.enum(taskNames).optional(),
  model: z.string().min(1).optional(),
  restorer: z.string().min(1).optional(),
  restorerContract: z.string().min(1).optional(),
  denoiser: z.string().min(1).optional(),
  denoiserContract: z.string().min(1).optional(),
  fusion: z.string().min(1).optional(),
  steps: positive.optional(),
  tau: positive.optional(),
  ...chainEntries,
  seed: whole(0).default(0),
  samples: positive.optional(),
  mean: whole(2).optional(),
  recursive: z.boolean().default(false),
  watch: z.boolean().default(false),
  resume: z.boolean().default(false),
  device: z.string().min(1).default('cpu'),
  threads: threadsOption.optional(),
  tile: positive.optional(),
  region: positive.optional(),
  maxPixels: positive.optional(),
  maxInputPixels: positive.optional(),
  maxBytes: bytesOption.optional(),
  maxChannels: positive.optional(),
  maxFrames: positive.optional(),
  strip: z.boolean().optional(),
  memory: bytesOption.optional(),
  timeout: number.pipe(z.number().positive()).optional(),
  reference: z.string().min(1).optional(),
  scale: positive.optional(),
  frames: positive.optional(),
  beyondTraining: z.boolean().default(false),
  reportTiling: z.boolean().default(false),
});

export type RestoreCliOptions = z.infer<typeof restoreOptions>;
