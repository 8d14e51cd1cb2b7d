import { CancelledError, EngineError, ParameterError } from '../utils/errors.js';
import { EngineProcess, type JobCall } from './engine-process.js';

/** How engine processes are kept. */
export interface EngineOptions {
  /** Child processes, hence jobs at the same time; default 1. */
  readonly processes?: number;
  /** Milliseconds that a cancelled job has before its process is killed; default 3000. */
  readonly graceMs?: number;
  /**
   * The processes keep freed memory for their next graphs instead of giving it back to the system
   * (glibc alone): for jobs that run the same large graph again and again. Default false.
   */
  readonly keepFreed?: boolean;
  /**
   * Bytes of memory that each process may take, from 512 MiB: more is refused by the system, as far
   * as it can, and a process that has it all the same is killed. Default: as many as there are.
   */
  readonly memory?: number | undefined;
}

/** What a process takes before a job begins, with room to tell how it failed. */
export const LEAST_PROCESS_MEMORY = 512 * 2 ** 20;

/** How one job is followed and stopped. */
export interface JobOptions {
  /** Aborting it cancels the job. */
  readonly signal?: AbortSignal;
  /** Receives what the job reports; an exception from it stops the job and rejects the call. */
  readonly onProgress?: (message: unknown) => void;
}

/** Runs whole jobs in child processes, where nothing they do can harm or block this one. */
export interface Engine {
  /**
   * Runs the function `name` that the job module exports (see `Job`) with `payload`, which crosses
   * by structured clone, as does the result. Jobs wait for a free process in the order of calls.
   *
   * Cancelling takes effect at the job's next checkpoint or run; a job that has not answered after
   * the grace period is killed with its process. A job that answers a cancellation with a result,
   * rather than by throwing, resolves with it.
   * @throws the job's own DpirError with its class and fields; EngineError for any other failure of
   * it, with the original stack as cause, and where the process died; CancelledError;
   * ParameterError for a module that is no file URL or a payload that cannot be cloned.
   */
  run<Result>(
    module: URL | string,
    name: string,
    payload: unknown,
    options?: JobOptions,
  ): Promise<Result>;
  /** Cancels what runs or waits, ends the processes and waits until they are gone. */
  close(): Promise<void>;
}

/**
 * An engine of child processes, which start when jobs need them and do not keep this process alive
 * while idle.
 * @example
 * const engine = createEngine();
 * const image = await engine.run(new URL('./jobs.js', import.meta.url), 'restore', { path });
 * await engine.close();
 * @throws ParameterError for options out of range.
 */
export function createEngine(options: EngineOptions = {}): Engine {
  const { processes = 1, graceMs = 3000, keepFreed = false, memory } = options;
  if (!Number.isInteger(processes) || processes < 1)
    throw new ParameterError('processes', 'a positive integer', processes);
  if (!(graceMs >= 0 && graceMs < 2 ** 31))
    throw new ParameterError('graceMs', 'milliseconds from 0 to 2147483647', graceMs);
  if (memory !== undefined && !(memory >= LEAST_PROCESS_MEMORY && memory <= 2 ** 50))
    throw new ParameterError('memory', `bytes from ${LEAST_PROCESS_MEMORY}`, memory);
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

  async run<Result>(
    module: URL | string,
    name: string,
    payload: unknown,
    { signal, onProgress = () => {} }: JobOptions = {},
  ): Promise<Result> {
    const url = String(module);
    if (!url.startsWith('file:'))
      throw new ParameterError('module', 'a file URL', url, 'new URL(..., import.meta.url) is one');
    if (this.#closed)
      throw new EngineError('engine', 'it was closed; create another for further work');
    if (signal?.aborted) throw new CancelledError(name);
    const call = new AbortController();
    const cancel = () => call.abort();
    signal?.addEventListener('abort', cancel);
    const running = this.#run({ module: url, name, payload, onProgress }, call.signal);
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
