import type { BurstFilesRequest, RestoreRequest } from '../../app/restore/restore-request.js';
import { ParameterError } from '../../tensor/errors.js';
import { moduleSource } from '../models/module-source.js';
import type { RestoreCliOptions } from './restore-options.js';

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
