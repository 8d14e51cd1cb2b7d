import { availableParallelism } from 'node:os';
import { createEngine, type Engine, LEAST_PROCESS_MEMORY } from '../../engine/engine.js';
import { readWeights } from '../../files/input-file.js';
import type { ProbeReport } from '../../restoration/index.js';
import { EngineError, LimitError } from '../../tensor/errors.js';
import type { OnnxStatement } from '../../weights/onnx/onnx-module.js';
import { defaultMemory } from '../restore/machine-memory.js';
import { withTimeLimit } from '../restore/time-limit.js';
import type { ProbeRequest } from './probe-job.js';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const jobs = new URL(`./probe-job.${extension}`, import.meta.url);
/** Bytes that a probe may take where nothing is said; the images of a probe are small. */
const USUAL_MEMORY = 4 * 2 ** 30;
/** Seconds that it may take. */
const USUAL_TIME = 600;
/** Bytes that the system counts for the stack of a thread, used or not. */
const STACK = 8 * 2 ** 20;
/** Milliseconds until a probe that is to end is killed: what it runs cannot be asked. */
const GRACE = 100;

/** How a probe is made and stopped. */
export interface ProbeCall {
  /** What is known of the contract; it is checked. */
  readonly contract?: OnnxStatement | undefined;
  /** Bytes of memory that its process may take; default 4 GiB, or less on a smaller machine. */
  readonly memory?: number | undefined;
  /** Seconds that it may take; default 600. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** An engine to use and leave open, whose memory has no limit; default: one for this call. */
  readonly engine?: Engine | undefined;
}

/**
 * Finds out in an engine process how an ONNX file wants its images. A graph says little of what
 * running it takes, and what a file of strangers takes may have no end: the process has a limit on
 * its memory, and a clock.
 * @throws ModelError where the file is damaged, cannot play the role, or contradicts its contract;
 * LimitError beyond `memory` or `timeout`.
 * @example
 * const { contract, undecided } = await probeModel('deblur.onnx', 'restorer');
 */
export async function probeModel(
  path: string,
  role: 'restorer' | 'denoiser',
  call: ProbeCall = {},
): Promise<ProbeReport> {
  const bytes = await readWeights(path);
  return probeBytes({ bytes, name: path, role, stated: call.contract ?? {} }, call);
}

/** As `probeModel`, of a file that was read. */
export async function probeBytes(
  request: ProbeRequest,
  { engine, signal, memory, timeout = USUAL_TIME }: Omit<ProbeCall, 'contract'> = {},
): Promise<ProbeReport> {
  const most = Math.max(LEAST_PROCESS_MEMORY, memory ?? Math.min(USUAL_MEMORY, defaultMemory()));
  const limit = most + availableParallelism() * STACK;
  const own = engine ?? createEngine({ memory: limit, graceMs: GRACE });
  try {
    return await withTimeLimit(`probing ${request.name}`, timeout, signal, (stop) =>
      own.run<ProbeReport>(jobs, 'probeJob', request, { signal: stop }),
    );
  } catch (error) {
    if (engine !== undefined || !isDeath(error)) throw error;
    throw new LimitError(
      request.name,
      `probing it ended its process, which may take ${most} bytes; allow more with \`memory\``,
      { expected: `at most ${most} bytes`, cause: error },
    );
  } finally {
    if (engine === undefined) await own.close();
  }
}

/** Whether a process did not survive its job, as one that is refused memory may not. */
function isDeath(error: unknown): boolean {
  return error instanceof EngineError && /^(exited with|was ended by) /.test(error.received ?? '');
}
