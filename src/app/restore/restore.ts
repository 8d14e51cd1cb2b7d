import type { Engine } from '../../engine/engine.js';
import { removeLeftovers } from '../../files/write-atomic.js';
import type { Burst, RestoreProgress } from '../../restoration/index.js';
import { OutputError, ParameterError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { lockResults } from './lock-results.js';
import type {
  BurstFilesRequest,
  BurstRequest,
  RestoreFacts,
  RestoreRequest,
} from './restore-request.js';
import type { Calibrated } from './restore-work.js';
import type { RestoredHere } from './run-restoration.js';
import { listPaths, resultPaths, type SampleRequest } from './samples/samples.js';
import { withSpareEngine } from './spare-engine.js';
import type { Calibration } from './time/time-left.js';
import { DEFAULT_TIMEOUT, withTimeLimit } from './time-limit.js';

/** How a restoration is followed and stopped. */
export interface Following {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: RestoreProgress) => void) | undefined;
  /** Receives the speeds of the networks where they were measured before the work. */
  readonly onCalibration?: ((calibration: Calibration) => void) | undefined;
  /** An engine to use and leave open; default: one that ends when no call follows for 5 seconds. */
  readonly engine?: Engine | undefined;
}

/** How a restoration is asked for, followed and stopped. */
export interface RestoreCall extends RestoreRequest, Following {}
export interface BurstCall extends BurstRequest, Following {}
export interface BurstFilesCall extends BurstFilesRequest, Following {}

/** Pixels and facts of a restoration. */
export type RestoredImage = RestoreFacts & Omit<RestoredHere, 'facts'>;

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const imageJobs = new URL(`./restore-job.${extension}`, import.meta.url);
const burstJobs = new URL(`./burst-job.${extension}`, import.meta.url);

/**
 * Restores an image [3, H, W] in [0, 1] in an engine process.
 * @returns the result, what the restoration network alone gave (not clamped), and the facts.
 * @throws ParameterError, ModelError, EngineError, LimitError or CancelledError.
 * @example
 * const { image, nfe } = await restoreImage(low, { pack: 'sr4', seed: 1 });
 */
export function restoreImage(image: Tensor, call: RestoreCall = {}): Promise<RestoredImage> {
  return run(imageJobs, 'restoreImageJob', { image }, call);
}

/**
 * Restores an image file to another file, whose extension names the format. Decoding, networks
 * and encoding run in an engine process; the output appears whole or not at all. With `samples`
 * and `mean` there are several; see `resultPaths`.
 * @throws InputError or OutputError for the files, the latter also where another process is
 * writing the output, and what `restoreImage` throws.
 */
export function restoreFile(
  input: string,
  output: string,
  call: RestoreCall = {},
): Promise<RestoreFacts> {
  return alone(output, call, () => restoreLocked(input, output, call));
}

/** As `restoreFile`, for a caller that has locked the output. */
export function restoreLocked(
  input: string,
  output: string,
  call: RestoreCall,
): Promise<RestoreFacts> {
  return tidy(output, call, run(imageJobs, 'restoreFileJob', { input, output }, call));
}

/**
 * Restores a burst of RAW frames, the reference first, to one sRGB image in an engine process.
 * The pack is that for `burst` unless another is named.
 * @throws ParameterError, ModelError, EngineError, LimitError or CancelledError.
 */
export function restoreBurst(burst: Burst, call: BurstCall = {}): Promise<RestoredImage> {
  return run(burstJobs, 'restoreBurstJob', { burst }, call);
}

/**
 * Restores a burst of RAW files to an image file that stands upright: 16 bits a channel where its
 * format has them.
 * @param inputs files, a folder or globs.
 * @throws InputError or OutputError for the files, and what `restoreBurst` throws.
 * @example
 * await restoreBurstFiles(['IMG_0*.dng'], 'out.png', { scale: 1, pack: 'my-burst-pack' });
 */
export function restoreBurstFiles(
  inputs: readonly string[],
  output: string,
  call: BurstFilesCall = {},
): Promise<RestoreFacts> {
  return alone(output, call, () => restoreBurstLocked(inputs, output, call));
}

/** As `restoreBurstFiles`, for a caller that has locked the output. */
export function restoreBurstLocked(
  inputs: readonly string[],
  output: string,
  call: BurstFilesCall,
): Promise<RestoreFacts> {
  return tidy(output, call, run(burstJobs, 'restoreBurstFilesJob', { inputs, output }, call));
}

/** Writes results while no other process does. */
async function alone<Result>(
  output: string,
  call: SampleRequest,
  work: () => Promise<Result>,
): Promise<Result> {
  const attempt = await lockResults(output, call);
  if ('holder' in attempt) {
    const { pid, host } = attempt.holder;
    throw new OutputError(output, `process ${pid} on ${host} is writing it`);
  }
  try {
    return await work();
  } finally {
    await attempt.lock.release();
  }
}

/** Removes what a process that was killed could not remove. */
async function tidy<Result>(
  output: string,
  call: SampleRequest,
  work: Promise<Result>,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    await removeLeftovers(...listPaths(resultPaths(output, call)));
    throw error;
  }
}

async function run<Result>(
  jobs: URL,
  name: string,
  what: object,
  call: RestoreCall,
): Promise<Result> {
  const { signal, onProgress, onCalibration, engine, timeout, ...request } = call;
  for (const [key, value] of Object.entries(request))
    if (typeof value === 'function') throw new ParameterError(key, 'plain data', 'a function');
  const report = (message: unknown): void => {
    const progress = message as RestoreProgress | Calibrated;
    if (progress.phase === 'calibrated') onCalibration?.(progress);
    else onProgress?.(progress);
  };
  const subject = 'input' in what ? String(what.input) : 'the restoration';
  const work = (own: Engine): Promise<Result> =>
    withTimeLimit(subject, timeout ?? DEFAULT_TIMEOUT, signal, (stop) =>
      own.run<Result>(jobs, name, { ...what, ...request }, { signal: stop, onProgress: report }),
    );
  return engine === undefined ? withSpareEngine(work) : work(engine);
}
