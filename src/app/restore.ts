import { createEngine, type Engine } from '../engine/index.js';
import type { RestoreProgress, RestoreResult } from '../restoration/index.js';
import { ParameterError } from '../tensor/errors.js';
import type { Tensor } from '../tensor/tensor.js';
import type { RestoreFacts, RestoreRequest } from './restore-job.js';

/** How a restoration is asked for, followed and stopped. */
export interface RestoreCall extends RestoreRequest {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: RestoreProgress) => void) | undefined;
  /** An engine to use and leave open; default: one for this call. */
  readonly engine?: Engine | undefined;
}

/** Pixels and facts of a restoration. */
export type RestoredPicture = RestoreFacts & Pick<RestoreResult, 'picture' | 'restored'>;

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const jobs = new URL(`./restore-job.${extension}`, import.meta.url);

/**
 * Restores a picture [3, H, W] in [0, 1] in an engine process.
 * @returns the result, what the restoration network alone gave (not clamped), and the facts.
 * @throws ParameterError, ModelError, EngineError, LimitError or CancelledError.
 * @example
 * const { picture, nfe } = await restorePicture(low, { pack: 'sr4', seed: 1 });
 */
export function restorePicture(picture: Tensor, call: RestoreCall = {}): Promise<RestoredPicture> {
  return run('restorePictureJob', { picture }, call);
}

/**
 * Restores a picture file to another file, whose extension names the format. Decoding, networks
 * and encoding run in an engine process; the output appears whole or not at all.
 * @throws InputError or OutputError for the files, and what `restorePicture` throws.
 */
export function restoreFile(
  input: string,
  output: string,
  call: RestoreCall = {},
): Promise<RestoreFacts> {
  return run('restoreFileJob', { input, output }, call);
}

async function run<Result>(name: string, what: object, call: RestoreCall): Promise<Result> {
  const { signal, onProgress, engine, ...request } = call;
  for (const [key, value] of Object.entries(request))
    if (typeof value === 'function') throw new ParameterError(key, 'plain data', 'a function');
  const own = engine ?? createEngine();
  try {
    return await own.run<Result>(
      jobs,
      name,
      { ...what, ...request },
      {
        ...(signal === undefined ? {} : { signal }),
        onProgress: (message) => onProgress?.(message as RestoreProgress),
      },
    );
  } finally {
    if (engine === undefined) await own.close();
  }
}
