import { z } from 'zod';
import { taskNames } from '../../restoration/index.js';
import { bytesOption } from './parse-bytes.js';

const whole = z.coerce.number().pipe(z.int());
const positive = whole.pipe(z.int().min(1));

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
  start: z.enum(['accelerated', 'noised', 'full']).optional(),
  sampler: z.enum(['ancestral', 'ddim']).optional(),
  eta: z.coerce.number().min(0).max(1).optional(),
  variance: z.enum(['large', 'small']).optional(),
  seed: whole.pipe(z.int().min(0)).default(0),
  samples: positive.optional(),
  mean: whole.pipe(z.int().min(2)).optional(),
  recursive: z.boolean().default(false),
  watch: z.boolean().default(false),
  resume: z.boolean().default(false),
  device: z.string().min(1).default('cpu'),
  threads: positive.optional(),
  tile: positive.optional(),
  region: positive.optional(),
  maxPixels: positive.optional(),
  maxInputPixels: positive.optional(),
  maxBytes: bytesOption.optional(),
  maxChannels: positive.optional(),
  maxFrames: positive.optional(),
  strip: z.boolean().optional(),
  memory: bytesOption.optional(),
  timeout: z.coerce.number().positive().optional(),
  reference: z.string().min(1).optional(),
  scale: positive.optional(),
  frames: positive.optional(),
  beyondTraining: z.boolean().default(false),
  reportTiling: z.boolean().default(false),
});

export type RestoreCliOptions = z.infer<typeof restoreOptions>;
