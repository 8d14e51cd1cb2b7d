import { defaultMemory } from '../engine/devices.js';
import type { JobContext } from '../engine/job.js';
import type { GraphRunner } from '../graph/graph-runner.js';
import { cachedPack, type SwappedModules } from '../models/cached-pack.js';
import { findPack, shippedPacks } from '../models/packs.js';
import type { Pack, RestoreOptions } from '../restoration/index.js';
import { LimitError, ModelError, ParameterError } from '../utils/errors.js';
import { MAX_PIXELS } from '../utils/limits.js';
import { DEFAULT_PACK, type RestoreRequest } from './restore-request.js';
import { planSamples, type SamplePlan } from './samples.js';
import type { RestoreUpdate } from './time-left.js';

/** Everything a restoration needs besides the input. */
export interface RestoreSession {
  readonly pack: Pack;
  readonly swapped: SwappedModules;
  readonly runner: GraphRunner;
  readonly options: RestoreOptions;
  /** Most pixels of the result. */
  readonly maxPixels: number;
  readonly reportTiling: boolean;
  readonly samples: SamplePlan;
}

/**
 * Loads the pack of a request and starts its device.
 * @throws ParameterError where pack and task disagree, ModelError where there is no pack or a
 * module does not fit, EngineError for the device.
 */
export async function openSession(
  context: JobContext<RestoreUpdate>,
  request: RestoreRequest,
): Promise<RestoreSession> {
  const {
    pack: named,
    device,
    threads,
    maxPixels = MAX_PIXELS,
    memory = defaultMemory(),
    reportTiling = false,
    modules = {},
    task,
    samples: single,
    mean,
    strip: _strip,
    limits: _limits,
    timeout: _timeout,
    ...options
  } = request;
  const samples = planSamples({ samples: single, mean });
  if (reportTiling && (single !== undefined || mean !== undefined))
    throw new ParameterError('reportTiling', 'one result only', `with ${samples.chains} samples`);
  const name = named ?? task ?? DEFAULT_PACK;
  if (named === undefined && (await findPack(name)) === undefined)
    throw new ModelError(
      name,
      `no pack for this task comes with the package (there are: ${(await shippedPacks()).join(', ') || 'none'}); ` +
        'name the folder of one as `pack`, or make one with dp-ir train and dp-ir models pack',
    );
  const runner = await context.cachedRunner({
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
  });
  const { pack, swapped } = await cachedPack(context, name, modules, {
    memory: request.memory,
    signal: context.signal,
  });
  if (task !== undefined && task !== pack.manifest.task)
    throw new ParameterError('task', `${pack.manifest.task}, which the pack ${name} is for`, task);
  return {
    pack,
    swapped,
    runner,
    options: {
      ...options,
      memory,
      samples: samples.chains,
      images: Math.max(1, samples.single + (samples.averaged > 0 ? 2 : 0)),
      onProgress: (progress) => context.progress(progress),
    },
    maxPixels,
    reportTiling,
    samples,
  };
}

/** How much larger results are than images, and how large they may become. */
export interface ResultLimit {
  readonly scale: number;
  /** Most pixels of a result. */
  readonly maxPixels: number;
}

/**
 * Refuses an image whose result would be too large.
 * @param subject what messages call the image.
 * @throws LimitError
 */
export function requireResultSize(
  subject: string,
  { width, height }: { readonly width: number; readonly height: number },
  { scale, maxPixels }: ResultLimit,
): void {
  if (width * height * scale ** 2 <= maxPixels) return;
  const result = `${width * scale} x ${height * scale} pixels`;
  throw new LimitError(
    subject,
    `the result would have ${result}, the limit is ${maxPixels}; raise \`maxPixels\` for more`,
    { expected: `at most ${maxPixels} pixels`, received: result },
  );
}
