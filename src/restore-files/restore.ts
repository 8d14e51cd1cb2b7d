import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createEngine, type Engine } from '../engine/engine.js';
import { defineJob, type Job } from '../engine/job.js';
import { withTimeLimit } from '../engine/time-limit.js';
import { type LockAttempt, lockOutput } from '../files/lock-file.js';
import { removeLeftovers, removeTemporary, unwritable } from '../files/write-atomic.js';
import type { Burst } from '../restoration/index.js';
import type { Tensor } from '../tensor/tensor.js';
import { OutputError } from '../utils/errors.js';
import { TIMEOUT_SECONDS } from '../utils/limits.js';
import { type InputKind, requireKnownOptions } from './options.js';
import type { RestoredInMemory } from './restore-image.js';
import type {
  BurstFilesRequest,
  BurstRequest,
  RestoreFacts,
  RestoreRequest,
} from './restore-request.js';
import { everyResultPath, listPaths, resultPaths, type SampleRequest } from './samples.js';
import type { RestoreUpdate } from './time-left.js';

/** Progress, cancellation and engine of a call. */
export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: RestoreUpdate) => void) | undefined;
  /** An engine to use and leave open; default: one that ends when no call follows for 5 seconds. */
  readonly engine?: Engine | undefined;
}

/** The names of `RunOptions`. */
export const RUN_OPTIONS = [
  'signal',
  'onProgress',
  'engine',
] as const satisfies readonly (keyof RunOptions)[];

/** Options of a call. */
export interface RestoreCall extends RestoreRequest, RunOptions {}
export interface BurstCall extends Omit<BurstRequest, 'task'>, RunOptions {}
export interface BurstFilesCall extends BurstFilesRequest, RunOptions {}

/** Pixels and facts of a restoration. */
export type RestoredImage = RestoreFacts & Omit<RestoredInMemory, 'facts'>;

type ImageJobs = typeof import('./restore-image.js');
type BurstJobs = typeof import('./restore-burst.js');
const imageJobs = new URL('./restore-image.js', import.meta.url);
const burstJobs = new URL('./restore-burst.js', import.meta.url);
const imageJob = defineJob<ImageJobs['restorePixels']>(imageJobs, 'restorePixels');
const fileJob = defineJob<ImageJobs['restoreToFile']>(imageJobs, 'restoreToFile');
const burstJob = defineJob<BurstJobs['restoreFrames']>(burstJobs, 'restoreFrames');
const burstFilesJob = defineJob<BurstJobs['restoreFramesToFile']>(burstJobs, 'restoreFramesToFile');

/**
 * Restores an image [3, H, W] in [0, 1] in an engine process.
 * @returns the result, what the restoration network alone gave (not clamped), and the facts.
 * @throws ParameterError, ModelError, EngineError, LimitError or CancelledError.
 * @example
 * const { image, nfe } = await restoreImage(low, { pack: 'sr4', seed: 1 });
 */
export function restoreImage(image: Tensor, call: RestoreCall = {}): Promise<RestoredImage> {
  return run(imageJob, 'image', { image }, call);
}

/**
 * Restores an image file to another file, whose extension names the format. Decoding, networks
 * and encoding run in an engine process; the output appears whole or not at all. With `samples`
 * and `mean` there are several; see `resultPaths`.
 * @throws InputError or OutputError for the files, the latter also where another process is
 * writing the output, and what `restoreImage` throws.
 * @example
 * const { width, height } = await restoreFile('photo.png', 'enlarged.png', { seed: 1 });
 */
export function restoreFile(
  input: string,
  output: string,
  call: RestoreCall = {},
): Promise<RestoreFacts> {
  return withOutputLock(output, call, () => restoreLocked(input, output, call));
}

/** As `restoreFile`, for a caller that has locked the output. */
export async function restoreLocked(
  input: string,
  output: string,
  call: RestoreCall,
): Promise<RestoreFacts> {
  return cleanUpOnFailure(output, call, run(fileJob, 'image file', { input, output }, call));
}

/**
 * Restores a burst of RAW frames, the reference first, to one sRGB image in an engine process.
 * The pack is that for `burst` unless another is named.
 * @throws ParameterError, ModelError, EngineError, LimitError or CancelledError.
 */
export function restoreBurst(burst: Burst, call: BurstCall = {}): Promise<RestoredImage> {
  return run(burstJob, 'burst', { burst }, call);
}

/**
 * Restores a burst of RAW files to an image file that stands upright: 16 bits a channel where its
 * format has them.
 * @param inputs files, a folder or globs.
 * @throws InputError or OutputError for the files, and what `restoreBurst` throws.
 * @example
 * await restoreBurstFiles(['burst/*.png'], 'burst.png', { pack: 'burst', steps: 1, tau: 1 });
 */
export function restoreBurstFiles(
  inputs: readonly string[],
  output: string,
  call: BurstFilesCall = {},
): Promise<RestoreFacts> {
  return withOutputLock(output, call, () => restoreBurstLocked(inputs, output, call));
}

/** As `restoreBurstFiles`, for a caller that has locked the output. */
export async function restoreBurstLocked(
  inputs: readonly string[],
  output: string,
  call: BurstFilesCall,
): Promise<RestoreFacts> {
  return cleanUpOnFailure(
    output,
    call,
    run(burstFilesJob, 'burst files', { inputs, output }, call),
  );
}

/** Holds the lock of the output while results are written. */
async function withOutputLock<Result>(
  output: string,
  call: SampleRequest,
  work: () => Promise<Result>,
): Promise<Result> {
  const attempt = await lockResults(output, call);
  if ('holder' in attempt) {
    const { pid, host } = attempt.holder;
    throw new OutputError(output, `process ${pid} on ${host} is writing it`, {
      code: 'output-locked',
      ...{ pid, host },
    });
  }
  try {
    return await work();
  } finally {
    await attempt.lock.release();
  }
}

/** Removes temporary files that a killed process left behind. */
async function cleanUpOnFailure<Result>(
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

async function run<Payload extends RestoreRequest, Result>(
  job: Job<Payload, Result, RestoreUpdate>,
  kind: InputKind,
  what: object,
  { signal, onProgress, engine, timeout = TIMEOUT_SECONDS, ...request }: RestoreCall,
): Promise<Result> {
  requireKnownOptions(request, kind, RUN_OPTIONS);
  const subject = 'input' in what ? String(what.input) : 'the restoration';
  const payload = { ...request, ...what } as unknown as Payload;
  const work = (own: Engine): Promise<Result> =>
    withTimeLimit(subject, timeout, signal, (stop) =>
      own.run(job, payload, { signal: stop, onProgress }),
    );
  return engine === undefined ? withSharedEngine(work) : work(engine);
}

/** Milliseconds that a cancelled restoration has before its process is killed. */
export const CANCEL_GRACE = 600;
/** Milliseconds that an engine waits for the next call. */
const PATIENCE = 5000;

interface IdleEngine {
  readonly engine: Engine;
  readonly timer: NodeJS.Timeout;
  /** Working directory of its process. */
  readonly folder: string;
}

let idle: IdleEngine | undefined;

/**
 * Runs work on an engine of its own: the idle one of a call that has just ended, whose process still
 * has its compiled graphs, or a new one. The engine is closed if the work fails or no call follows
 * within five seconds; it does not keep the program alive.
 */
export async function withSharedEngine<Result>(
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const folder = process.cwd();
  const engine =
    (idle?.folder === folder ? take() : undefined) ?? createEngine({ graceMs: CANCEL_GRACE });
  let result: Result;
  try {
    result = await work(engine);
  } catch (error) {
    await engine.close();
    throw error;
  }
  if (idle === undefined) keepIdle(engine, folder);
  else await engine.close();
  return result;
}

function take(): Engine | undefined {
  const taken = idle;
  idle = undefined;
  clearTimeout(taken?.timer);
  return taken?.engine;
}

function keepIdle(engine: Engine, folder: string): void {
  const timer = setTimeout(() => void take()?.close(), PATIENCE);
  timer.unref();
  idle = { engine, timer, folder };
}

/**
 * Tries to take the files of a result against other processes, and removes what killed writers of
 * them left, also where these were to make more samples.
 * @param output the name that was asked for.
 * @throws OutputError where its folder is missing or not writable, or one of the names is too long:
 * a long restoration must not fail at its end over that.
 */
export async function lockResults(output: string, request: SampleRequest): Promise<LockAttempt> {
  for (const path of listPaths(resultPaths(output, request)))
    await lstat(path).catch((cause) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENAMETOOLONG') throw unwritable(path, cause);
    });
  const attempt = await lockOutput(output);
  if ('lock' in attempt) await removeTemporary(dirname(output), () => everyResultPath(output));
  return attempt;
}
