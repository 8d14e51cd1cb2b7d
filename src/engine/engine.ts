import { CancelledError, EngineError, ParameterError } from '../utils/errors.js';
import { MAX_TIMER_MS, MIN_PROCESS_BYTES } from '../utils/limits.js';
import { EngineProcess, type JobCall } from './engine-process.js';
import type { Job } from './job.js';

/** How an engine works; everything has a default. */
export interface EngineOptions {
  /** Child processes, hence jobs at the same time; default 1. */
  readonly processes?: number;
  /** Milliseconds that a cancelled job has before its process is killed; default 3000. */
  readonly graceMs?: number;
  /**
   * The processes keep freed memory for their next graphs instead of returning it to the system
   * (glibc only): for jobs that run the same large graph again and again. Default false.
   */
  readonly keepFreed?: boolean;
  /**
   * Bytes of memory that each process may take, at least 512 MiB. The system refuses more, where it
   * can; a process that takes more nevertheless is killed. Default: no limit.
   */
  readonly memory?: number | undefined;
}

/** How to follow and stop one job. */
export interface JobOptions<Progress = unknown> {
  /** Aborting it cancels the job. */
  readonly signal?: AbortSignal | undefined;
  /** Receives what the job reports; an exception from it stops the job and rejects the call. */
  readonly onProgress?: ((message: Progress) => void) | undefined;
}

/** Runs whole jobs in child processes, where nothing they do can harm or block this one. */
export interface Engine {
  /**
   * Runs a job (see `defineJob`) with `payload`, which crosses by structured clone, as does the
   * result. Jobs wait for a free process in the order of calls.
   *
   * Cancelling takes effect at the job's next checkpoint or run; a job that has not answered after
   * the grace period is killed with its process. A job that answers a cancellation with a result,
   * rather than by throwing, resolves with it.
   * @throws the job's own DpirError with its class and fields; EngineError with the code
   * `job-crashed` for any other failure of it, with the original stack as cause, `process-ended`
   * where its process died, or `job-not-found`; CancelledError; ParameterError for a payload that
   * cannot be cloned.
   */
  run<Payload, Result, Progress>(
    job: Job<Payload, Result, Progress>,
    payload: NoInfer<Payload>,
    options?: JobOptions<NoInfer<Progress>>,
  ): Promise<Result>;
  /** Cancels running and waiting jobs, ends the processes and waits until they are gone. */
  close(): Promise<void>;
}

/**
 * Creates an engine of child processes, which start when jobs need them and do not keep this process
 * alive while idle.
 * @example
 * const engine = createEngine();
 * for (const seed of [1, 2])
 *   await restoreFile('photo.png', `seed-${seed}.png`, { engine, seed });
 * await engine.close();
 * @throws ParameterError for options out of range.
 */
export function createEngine(options: EngineOptions = {}): Engine {
  const { processes = 1, graceMs = 3000, keepFreed = false, memory } = options;
  if (!Number.isInteger(processes) || processes < 1)
    throw new ParameterError('processes', 'a positive integer', processes);
  if (!(graceMs >= 0 && graceMs <= MAX_TIMER_MS))
    throw new ParameterError('graceMs', `milliseconds from 0 to ${MAX_TIMER_MS}`, graceMs);
  if (memory !== undefined && !(memory >= MIN_PROCESS_BYTES && memory <= 2 ** 50))
    throw new ParameterError('memory', `at least ${MIN_PROCESS_BYTES} bytes`, memory);
  const settings = { graceMs, keepFreed, memory };
  return new ProcessPool(Array.from({ length: processes }, () => new EngineProcess(settings)));
}

class ProcessPool implements Engine {
  readonly #processes: readonly EngineProcess[];
  readonly #idle: EngineProcess[];
  readonly #waiting: ((process: EngineProcess) => void)[] = [];
  /** How to cancel each call that runs or waits. */
  readonly #calls = new Map<AbortController, Promise<unknown>>();
  #closed = false;

  constructor(processes: readonly EngineProcess[]) {
    this.#processes = processes;
    this.#idle = [...processes];
  }

  async run<Payload, Result, Progress>(
    { module, name }: Job<Payload, Result, Progress>,
    payload: Payload,
    { signal, onProgress = () => {} }: JobOptions<Progress> = {},
  ): Promise<Result> {
    if (this.#closed)
      throw new EngineError('engine', 'it was closed; create another one', {
        code: 'engine-closed',
      });
    if (signal?.aborted) throw new CancelledError(name);
    const call = new AbortController();
    const cancel = () => call.abort();
    signal?.addEventListener('abort', cancel);
    const report = onProgress as JobCall['onProgress'];
    const running = this.#run({ module, name, payload, onProgress: report }, call.signal);
    this.#calls.set(call, running);
    try {
      return (await running) as Result;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#calls.delete(call);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const call of this.#calls.keys()) call.abort();
    await Promise.allSettled(this.#calls.values());
    await Promise.all(this.#processes.map((process) => process.close()));
  }

  async #run(call: JobCall, stop: AbortSignal): Promise<unknown> {
    const process = await this.#acquire(call.name, stop);
    const cancel = () => process.stop(new CancelledError(call.name));
    stop.addEventListener('abort', cancel);
    try {
      if (stop.aborted) throw new CancelledError(call.name);
      return await process.run(call);
    } finally {
      stop.removeEventListener('abort', cancel);
      this.#release(process);
    }
  }

  async #acquire(name: string, stop: AbortSignal): Promise<EngineProcess> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    return new Promise((resolve, reject) => {
      const turn = (process: EngineProcess) => {
        stop.removeEventListener('abort', leave);
        resolve(process);
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        reject(new CancelledError(name));
      };
      stop.addEventListener('abort', leave, { once: true });
      this.#waiting.push(turn);
    });
  }

  #release(process: EngineProcess): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(process);
    else next(process);
  }
}
