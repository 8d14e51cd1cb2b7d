import { z } from 'zod';
import { findPack } from '../../../models/packs.js';
import { type TaskName, taskNames } from '../../../restoration/index.js';
import {
  type BurstFilesRequest,
  DEFAULT_PACK,
  type RestoreRequest,
} from '../../../restore-files/restore-request.js';
import { ParameterError } from '../../../utils/errors.js';
import { bytesOption, type Flags, number, positive, threadsOption, whole } from '../../options.js';
import { moduleSource } from '../models/model-options.js';
import { chainEntries } from './chain-options.js';

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

/** Options of restorations that the command line gives another name. */
export const chainFlags: Flags = { pack: '--model' };

/** What `dp-ir restore` calls the options of restorations that have another name there. */
export const restoreFlags: Flags = {
  ...chainFlags,
  'limits.maxPixels': '--max-input-pixels',
  'limits.maxBytes': '--max-bytes',
  'limits.maxChannels': '--max-channels',
  'limits.maxFrames': '--max-frames',
};

/** Options that speak of frames. */
const burstOptions = ['reference', 'frames', 'scale'] as const;

/** What the options ask for, besides input and output. */
export async function restoreRequest(options: RestoreCliOptions): Promise<RestoreRequest> {
  const { input: _inputs, output: _output, model, beyondTraining, ...more } = options;
  const { restorer: _restorer, denoiser: _denoiser, fusion, ...rest } = more;
  const { restorerContract, denoiserContract, ...own } = rest;
  const { reference: _reference, frames: _frames, scale: _scale, ...all } = own;
  const { recursive: _recursive, watch: _watch, resume: _resume, ...limited } = all;
  const { maxInputPixels, maxBytes, maxChannels, maxFrames, ...settings } = limited;
  const limits = { maxPixels: maxInputPixels, maxBytes, maxChannels, maxFrames };
  const source = async (role: 'restorer' | 'denoiser', contract: string | undefined) => {
    const file = options[role];
    if (file !== undefined) return moduleSource(file, contract, `--${role}-contract`);
    if (contract === undefined) return undefined;
    throw new ParameterError(`--${role}-contract`, `a --${role} that it is for`, contract);
  };
  return {
    ...settings,
    ...(Object.values(limits).some((limit) => limit !== undefined) && { limits }),
    pack: model,
    modules: {
      restorer: await source('restorer', restorerContract),
      denoiser: await source('denoiser', denoiserContract),
      fusion,
    },
    allowBeyondTraining: beyondTraining,
  };
}

/** As `restoreRequest`, with what concerns a burst alone. */
export async function burstRequest(options: RestoreCliOptions): Promise<BurstFilesRequest> {
  const { reference, scale, frames } = options;
  const number = reference !== undefined && /^\d+$/.test(reference) ? Number(reference) : reference;
  return { ...(await restoreRequest(options)), scale, frames, reference: number };
}

/**
 * Refuses what only bursts have.
 * @throws ParameterError
 */
export function refuseBurstOptions(options: RestoreCliOptions, task: string): void {
  for (const name of burstOptions)
    if (options[name] !== undefined)
      throw new ParameterError(`--${name}`, 'only with a burst', `${options[name]} for ${task}`);
}

/**
 * Refuses what only images have.
 * @throws ParameterError
 */
export function refuseImageOptions({ strip }: RestoreCliOptions): void {
  if (strip) throw new ParameterError('--strip', 'only with images', 'a burst');
}

/**
 * The task that is asked for, or else that of the pack.
 * @throws ModelError where the pack's manifest is damaged.
 */
export async function taskOfOptions({
  task,
  model,
}: Pick<RestoreCliOptions, 'task' | 'model'>): Promise<TaskName> {
  if (task !== undefined) return task;
  const found = model === undefined ? undefined : await findPack(model);
  return found?.manifest.task ?? DEFAULT_PACK;
}
