import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CancelledError, type DpirError, EngineError, ParameterError } from '../utils/errors.js';
import { reviveError, type SerializedError } from './serialized-error.js';
import { loaderFile, moduleFile, runsFromSources } from './source-modules.js';

/** One call of a job. */
export interface JobCall {
  readonly module: string;
  readonly name: string;
  readonly payload: unknown;
  readonly onProgress: (message: unknown) => void;
}

/** A running job. */
interface Pending {
  readonly call: JobCall;
  resolve(result: unknown): void;
  reject(error: unknown): void;
  /** True once the job has started, or where its child was started for it. */
  committed: boolean;
  /** Why the job was asked to end, once it was. */
  stop: { readonly reason: Error; readonly timer: NodeJS.Timeout } | undefined;
}

/**
 * One child process that runs one job at a time. It starts with the first job, stays for the next,
 * keeps the parent alive only while a job runs, and is replaced by a fresh one after it died.
 */
export class EngineProcess {
  readonly #graceMs: number;
  readonly #keepFreed: boolean;
  readonly #memory: number | undefined;
  #child: ChildProcess | undefined;
  #pending: Pending | undefined;

  constructor({
    graceMs,
    keepFreed,
    memory,
  }: {
    readonly graceMs: number;
    readonly keepFreed: boolean;
    readonly memory: number | undefined;
  }) {
    this.#graceMs = graceMs;
    this.#memory = memory;
    this.#keepFreed = keepFreed;
  }

  /**
   * Runs a job to its end; one at a time.
   * @throws what the job threw; what `onProgress` threw; EngineError where the child died;
   * ParameterError for a payload that cannot be cloned.
   */
  run(call: JobCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const committed = this.#child?.connected !== true;
      this.#pending = { call, resolve, reject, committed, stop: undefined };
      if (committed) this.#child = this.#start();
      this.#begin(call);
    });
  }

  /**
   * Asks the running job to stop. An answer of its own still counts, so that a job can end early
   * with a result; without any within the grace period the child is killed and the call rejects
   * with `reason`.
   */
  stop(reason: Error): void {
    const pending = this.#pending;
    if (pending === undefined || pending.stop !== undefined) return;
    const child = this.#child;
    pending.stop = { reason, timer: setTimeout(() => child?.kill('SIGKILL'), this.#graceMs) };
    this.#send({ kind: 'cancel' });
  }

  /** Ends the child and waits until it is gone. A running job has to be stopped before. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.ref();
    const timer = setTimeout(() => child.kill('SIGKILL'), this.#graceMs);
    if (child.connected) child.disconnect();
    await gone;
    clearTimeout(timer);
  }

  #begin({ module, name, payload }: JobCall): void {
    this.#child?.ref();
    this.#child?.channel?.ref();
    try {
      this.#send({ kind: 'run', module, name, payload });
    } catch (error) {
      this.#settle()?.reject(
        new ParameterError('payload', 'data that a structured clone can copy', String(error)),
      );
    }
  }

  #start(): ChildProcess {
    const memory = this.#memory;
    const { path, execPath, execArgv } = childCommand(memory);
    const parameters = [process.pid, ...(memory === undefined ? [] : [memory])];
    const child = fork(path, parameters.map(String), {
      execPath,
      execArgv: [...execArgv],
      env: childEnvironment(process.env, this.#keepFreed),
      serialization: 'advanced',
      // The parent's standard output may be an image or a report: what a job prints goes to stderr.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    child.on('message', (message) => this.#receive(message as ToParent));
    child.on('error', (error) => {
      if (child.pid === undefined) this.#lost(child, { error });
    });
    child.on('exit', (exitCode, signal) => this.#lost(child, { exitCode, signal }));
    return child;
  }

  #send(message: ToChild): void {
    // The exit event reports a child that died in the meantime.
    this.#child?.send(message, () => {});
  }

  #receive(message: ToParent): void {
    if (message.kind === 'started') this.#commit();
    else if (message.kind === 'progress') this.#report(message.message);
    else if (message.kind === 'failure') this.#fail(message.error);
    else this.#succeed(message.result);
  }

  #commit(): void {
    if (this.#pending !== undefined) this.#pending.committed = true;
  }

  #report(message: unknown): void {
    try {
      this.#pending?.call.onProgress(message);
    } catch (error) {
      this.stop(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #succeed(result: unknown): void {
    const pending = this.#settle();
    const reason = pending?.stop?.reason;
    if (reason === undefined || reason instanceof CancelledError) pending?.resolve(result);
    else pending?.reject(reason);
  }

  #fail(error: SerializedError): void {
    const pending = this.#settle();
    const reason = error.typed?.kind === 'cancelled' ? pending?.stop?.reason : undefined;
    pending?.reject(reason ?? reviveError(pending.call.name, error));
  }

  #lost(child: ChildProcess, end: ProcessEnd): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const waiting = this.#pending;
    // An idle child that died unnoticed has not touched the job.
    if (waiting?.committed === false && waiting.stop === undefined) {
      waiting.committed = true;
      this.#child = this.#start();
      this.#begin(waiting.call);
      return;
    }
    const pending = this.#settle();
    pending?.reject(pending.stop?.reason ?? endError(pending.call.name, end));
  }

  /** Ends the waiting for the running job, if there is one, and lets the parent exit. */
  #settle(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    clearTimeout(pending?.stop?.timer);
    this.#child?.unref();
    this.#child?.channel?.unref();
    return pending;
  }
}

/** How a child ended, or why it did not start. */
type ProcessEnd =
  | { readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly error: Error };

function endError(job: string, end: ProcessEnd): DpirError {
  if ('error' in end)
    return new EngineError(job, `the engine process did not start: ${end.error.message}`, {
      code: 'process-not-started',
      cause: end.error,
    });
  const { exitCode, signal } = end;
  const code = 'process-ended';
  if (signal === null)
    return new EngineError(job, `the engine process exited with code ${exitCode} during the job`, {
      ...{ code, exitCode: exitCode ?? 0 },
    });
  // Before it listens, a child dies of a signal that the terminal sends to the whole group.
  if (['SIGINT', 'SIGTERM', 'SIGHUP'].includes(signal)) return new CancelledError(job);
  const advice = signal === 'SIGKILL' ? '; the system may have run out of memory' : '';
  return new EngineError(job, `the engine process was ended by ${signal} during the job${advice}`, {
    ...{ code, signal },
  });
}

/** The module that an engine process runs, the program that runs it, and Node's flags. */
interface ChildCommand {
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly path: string;
}

const flags = ['--expose-gc'];

/**
 * The command that starts an engine process.
 * @param memory bytes that the process may take at most. The system refuses more, where it can: on
 *   Linux all memory counts that is neither shared nor read-only, whether it was touched or not.
 */
function childCommand(memory?: number): ChildCommand {
  const path = fileURLToPath(moduleFile(new URL('./engine-child.js', import.meta.url)));
  const execArgv = runsFromSources ? [...flags, '--import', loaderFile('tsx').href] : flags;
  if (memory === undefined || process.platform === 'win32')
    return { execPath: process.execPath, execArgv, path };
  const limited = 'ulimit -d "$0" 2> /dev/null; exec "$@"';
  const kibibytes = String(Math.ceil(memory / 1024));
  return {
    execPath: '/bin/sh',
    execArgv: ['-c', limited, kibibytes, process.execPath, ...execArgv],
    path,
  };
}

/**
 * Settings of glibc's allocator on Linux. Graphs allocate and free large blocks all the time, and
 * touching them for the first time is a sizeable part of a run: huge pages make that cheaper, and
 * keeping freed blocks in one heap shared by all threads makes it rare.
 */
const hugePages = 'glibc.malloc.hugetlb=1';
const keepFreedBlocks = [
  'glibc.malloc.mmap_threshold=33554432',
  'glibc.malloc.trim_threshold=4294967296',
  'glibc.malloc.arena_max=1',
];

/**
 * The environment of an engine process.
 * @param keepFreed keeps freed memory for later instead of returning it to the system.
 */
export function childEnvironment(
  environment: NodeJS.ProcessEnv,
  keepFreed = false,
): NodeJS.ProcessEnv {
  const tunables = keepFreed ? [hugePages, ...keepFreedBlocks] : [hugePages];
  return { GLIBC_TUNABLES: tunables.join(':'), ...environment };
}

/** Messages to an engine process. */
export type ToChild =
  | {
      readonly kind: 'run';
      readonly module: string;
      readonly name: string;
      readonly payload: unknown;
    }
  | { readonly kind: 'cancel' };

/** Messages from an engine process. */
export type ToParent =
  | { readonly kind: 'started' }
  | { readonly kind: 'progress'; readonly message: unknown }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'failure'; readonly error: SerializedError };
