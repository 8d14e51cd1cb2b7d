import type { GraphRunner, Service, ServiceDefinition } from '../graph/graph-runner.js';
import { EngineError, ParameterError } from '../utils/errors.js';
import type { CachedRunnerOptions, CachedValue } from './job-cache.js';
import type { RunnerOptions } from './local-runner.js';

/** What a job has at its disposal in the engine process. `Progress` is what it reports. */
export interface JobContext<Progress = unknown> {
  /** A runner that obeys this job's cancellation; it is disposed of when the job ends. */
  runner(options?: Omit<RunnerOptions, 'signal'>): Promise<GraphRunner>;
  /**
   * As `runner`, but compiled graphs stay cached for later jobs of this process that ask for the
   * same options, so a key must identify a graph for as long as the process lives. A job may have
   * one.
   */
  cachedRunner(options?: CachedRunnerOptions): Promise<GraphRunner>;
  /**
   * The value that an earlier job of this process made under the same key, or a new one. A few
   * values are cached; a failure that may have damaged them clears the cache.
   */
  cached<Value>(key: string, make: () => Promise<CachedValue<Value>>): Promise<Value>;
  /** Sends a message to the caller's `onProgress`; it must survive a structured clone. */
  progress(message: Progress): void;
  /** Aborted when the caller cancels; seen only after the event loop has turned. */
  readonly signal: AbortSignal;
  /** Lets pending messages in and throws CancelledError when the job was cancelled. */
  checkpoint(): Promise<void>;
}

/**
 * The implementation of a job: an exported function that runs in an engine process. Payload and
 * result cross by structured clone; typed arrays arrive as typed arrays.
 */
export type JobFunction<Payload, Result, Progress = unknown> = (
  context: JobContext<Progress>,
  payload: Payload,
) => Promise<Result>;

/** A typed reference to a job, for `engine.run`. It does not load the job's module. */
export interface Job<Payload, Result, Progress = unknown> {
  /** File URL of the module that exports the implementation. */
  readonly module: string;
  /** Name of the export. */
  readonly name: string;
  /** Never set: it carries the types. */
  readonly implementation?: JobFunction<Payload, Result, Progress>;
}

// biome-ignore lint/suspicious/noExplicitAny: any payload and any message, as inferred
type AnyJobFunction = JobFunction<any, unknown, any>;

/** The reference to a job with the types of its implementation. */
type JobOf<Implementation extends AnyJobFunction> =
  Implementation extends JobFunction<infer Payload, infer Result, infer Progress>
    ? Job<Payload, Result, Progress>
    : never;

/**
 * Declares a job, typed by its implementation, without importing it.
 * @param module URL of the module that exports it; `./x.js` stands for `./x.ts` in sources.
 * @param name of the export.
 * @throws ParameterError for a module that is no file.
 * @example
 * // squares.js: export const square = async (context, value) => value * value;
 * type Square = (context: JobContext, value: number) => Promise<number>;
 * const square = defineJob<Square>(new URL('./squares.js', import.meta.url), 'square');
 * const engine = createEngine();
 * console.log(await engine.run(square, 4)); // 16
 * await engine.close();
 */
export function defineJob<Implementation extends AnyJobFunction>(
  module: URL | string,
  name: string,
): JobOf<Implementation> {
  return { module: fileUrl(module), name } as JobOf<Implementation>;
}

// biome-ignore lint/suspicious/noExplicitAny: any payload and any request, as inferred
type AnyServiceFunction = (payload: any) => Service<any, unknown>;

/** As `defineJob`, for a function that opens a service on the thread of a session worker. */
export function defineService<Open extends AnyServiceFunction>(
  module: URL | string,
  name: string,
): Open extends (payload: infer Payload) => Service<infer Request, infer Reply>
  ? ServiceDefinition<Payload, Request, Reply>
  : never {
  return { module: fileUrl(module), name } as ReturnType<typeof defineService<Open>>;
}

function fileUrl(module: URL | string): string {
  const url = String(module);
  if (url.startsWith('file:')) return url;
  throw new ParameterError('module', 'a file URL', url, 'Pass new URL(..., import.meta.url)');
}

/**
 * The function that a job or a service refers to; imports its module.
 * @throws EngineError with the code `job-not-found`.
 */
export async function importImplementation({
  module,
  name,
}: {
  readonly module: string;
  readonly name: string;
}): Promise<(...parameters: unknown[]) => unknown> {
  let exported: unknown;
  try {
    exported = (await import(module))[name];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError(module, `cannot be imported: ${reason}`, {
      code: 'job-not-found',
      cause,
    });
  }
  if (typeof exported === 'function') return exported as (...parameters: unknown[]) => unknown;
  throw new EngineError(module, `exports no function ${JSON.stringify(name)}`, {
    code: 'job-not-found',
  });
}
