import { defaultMemory } from '../engine/devices.js';
import type { JobContext } from '../engine/job.js';
import type { GraphRunner } from '../graph/graph-runner.js';
import { keptPack, type SwappedModules } from '../models/cached-pack.js';
import { findPack, shippedPacks } from '../models/packs.js';
import type { Pack, RestoreOptions } from '../restoration/index.js';
import { LimitError, ModelError, ParameterError } from '../utils/errors.js';
import { DEFAULT_PACK, type RestoreRequest } from './restore-request.js';
import { planSamples, type SamplePlan } from './samples.js';
import type { Calibration } from './time-left.js';

const DEFAULT_MAX_PIXELS = 2 ** 28;

/** Everything a restoration needs besides the input. */
export interface Work {
  readonly pack: Pack;
  readonly swapped: SwappedModules;
  readonly runner: GraphRunner;
  readonly options: RestoreOptions;
  /** Most pixels of the result. */
  readonly maxPixels: number;
  readonly reportTiling: boolean;
  readonly samples: SamplePlan;
  /** Tells the caller speeds that were measured before the work. */
  readonly calibrated: (calibration: Calibration) => void;
}

/** What jobs report besides progress. */
export type Calibrated = { readonly phase: 'calibrated' } & Calibration;

/**
 * Loads the pack of a request and starts its device.
 * @throws ParameterError where pack and task disagree, ModelError where there is no pack or a
 * module does not fit, EngineError for the device.
 */
export async function prepare(context: JobContext, request: RestoreRequest): Promise<Work> {
  const {
    pack: named,
    device,
    threads,
    maxPixels = DEFAULT_MAX_PIXELS,
    memory = defaultMemory(),
    reportTiling = false,
    modules = {},
    task,
    samples: kept,
    mean,
    strip: _strip,
    limits: _limits,
    ...options
  } = request;
  const samples = planSamples({ samples: kept, mean });
  if (reportTiling && (kept !== undefined || mean !== undefined))
    throw new ParameterError('reportTiling', 'one result only', `with ${samples.chains} samples`);
  const name = named ?? task ?? DEFAULT_PACK;
  if (named === undefined && (await findPack(name)) === undefined)
    throw new ModelError(
      name,
      `no pack for this task comes with the package (there are: ${(await shippedPacks()).join(', ') || 'none'}); ` +
        'name the folder of one as `pack`, or make one with dp-ir train and dp-ir models pack',
    );
  const runner = await context.keptRunner({
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
  });
  const { pack, swapped } = await keptPack(context, name, modules, {
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
      images: Math.max(1, samples.kept + (samples.averaged > 0 ? 2 : 0)),
      onProgress: (progress) => context.progress(progress),
    },
    maxPixels,
    reportTiling,
    samples,
    calibrated: (calibration) =>
      context.progress({ phase: 'calibrated', ...calibration } satisfies Calibrated),
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
