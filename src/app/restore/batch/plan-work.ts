import type { Engine } from '../../../engine/engine.js';
import type { RestoreRequest } from '../restore-request.js';
import type { ImageWork } from '../time/time-left.js';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const jobs = new URL(`./plan-job.${extension}`, import.meta.url);

/**
 * The work of restoring each of some images, counted from their headers; undefined for those
 * that cannot be read.
 * @throws ParameterError, ModelError or EngineError for a request that fits none of them,
 * CancelledError.
 */
export function planWork(
  inputs: readonly string[],
  request: RestoreRequest,
  { engine, signal }: { readonly engine: Engine; readonly signal?: AbortSignal },
): Promise<(ImageWork | undefined)[]> {
  const options = signal === undefined ? {} : { signal };
  return engine.run(jobs, 'planWorkJob', { inputs, ...request }, options);
}
