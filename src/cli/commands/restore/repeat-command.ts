import { asPath, shellLine } from '../../../files/shell-words.js';
import { DEFAULT_PACK, type RestoreFacts } from '../../../restore-files/restore-request.js';
import type { RestoreCliOptions } from './restore-options.js';

const swapOptions = [
  ['--restorer', 'restorer'],
  ['--restorer-contract', 'restorerContract'],
  ['--denoiser', 'denoiser'],
  ['--denoiser-contract', 'denoiserContract'],
  ['--fusion', 'fusion'],
] as const;
const limitOptions = [
  ['--max-input-pixels', 'maxInputPixels'],
  ['--max-bytes', 'maxBytes'],
  ['--max-channels', 'maxChannels'],
  ['--max-frames', 'maxFrames'],
] as const;
type SwapOption = (typeof swapOptions)[number][1];

/** The command that gives the same bytes again, with nothing that matters left to defaults. */
export function repeatCommand(
  target: { readonly input: string | readonly string[]; readonly output: string },
  options: Pick<
    RestoreCliOptions,
    | 'model'
    | 'task'
    | 'device'
    | 'region'
    | 'frames'
    | 'samples'
    | 'mean'
    | 'maxPixels'
    | 'strip'
    | (typeof limitOptions)[number][1]
    | 'beyondTraining'
    | SwapOption
  >,
  {
    settings,
    result,
    seed,
    tile,
    burst,
  }: Pick<RestoreFacts, 'settings' | 'result' | 'seed' | 'tile' | 'burst'>,
): string {
  const { model, task, device, region, frames, samples, mean, maxPixels, beyondTraining } = options;
  const inputs = typeof target.input === 'string' ? [target.input] : target.input;
  const words = ['dp-ir', 'restore', '-i', ...inputs.map(asPath), '-o', asPath(target.output)];
  if (task !== undefined) words.push('--task', task);
  words.push('--model', model ?? task ?? DEFAULT_PACK);
  if (burst !== undefined) {
    words.push('--reference', burst.used[0]!, '--scale', String(burst.scale));
    if (frames !== undefined) words.push('--frames', String(frames));
  }
  for (const [flag, key] of swapOptions) {
    const file = options[key];
    if (file !== undefined) words.push(flag, asPath(file));
  }
  words.push('--tau', String(settings.tau), '--steps', String(settings.steps));
  words.push('--start', settings.start, '--sampler', settings.sampler);
  if (settings.sampler === 'ddim') words.push('--eta', String(settings.eta));
  words.push('--variance', settings.variance, '--noise-level', settings.noiseLevel);
  words.push('--consistency', result.consistency, '--detail', String(result.detail));
  words.push('--seed', String(seed));
  if (samples !== undefined) words.push('--samples', String(samples));
  if (mean !== undefined) words.push('--mean', String(mean));
  words.push('--device', device, '--tile', String(tile));
  if (region !== undefined) words.push('--region', String(region));
  if (maxPixels !== undefined) words.push('--max-pixels', String(maxPixels));
  for (const [flag, key] of limitOptions) {
    const limit = options[key];
    if (limit !== undefined) words.push(flag, String(limit));
  }
  if (options.strip) words.push('--strip');
  if (beyondTraining) words.push('--beyond-training');
  return shellLine(words);
}
