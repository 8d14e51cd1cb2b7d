import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InferenceSession } from 'onnxruntime-node';
import * as ort from 'onnxruntime-node';
import {
  CancelledError,
  EngineError,
  LimitError,
  ModelError,
  ParameterError,
} from '../tensor/errors.js';
import type { DataType, Tensor } from '../tensor/tensor.js';
import type { CompiledGraph, DeviceReport, Feeds, GraphRunner } from './contract.js';
import { unwrapOutputs, wrapFeeds } from './runtime-tensors.js';
import type { CacheEntry } from './session-cache.js';
import { SessionCache } from './session-cache.js';
import { sessionOptions } from './session-options.js';

/** How a runner works; everything has a default. */
export interface RunnerOptions {
  /** `cpu` (default) or another name that `listDevices()` gives. */
  readonly device?: string;
  /** CPU threads of one operator; default: as many as the machine runs at once. */
  readonly threads?: number;
  /** Most compiled graphs kept; default 24. */
  readonly cacheEntries?: number;
  /** Most bytes of compiled graphs kept, counted in their ONNX form; default 512 MiB. */
  readonly cacheBytes?: number;
  /** Aborting it makes the next run or checkpoint throw CancelledError. */
  readonly signal?: AbortSignal;
}

interface CachedSession extends CacheEntry {
  readonly session: InferenceSession;
}

/**
 * A runner in this very process. Compiling and running block the event loop, and a run cannot be
 * stopped: programs that need either use an engine process instead.
 * @throws ParameterError for options out of range; EngineError for a device that is missing or
 * does not start.
 */
export async function createLocalRunner(options: RunnerOptions = {}): Promise<GraphRunner> {
  const {
    device = 'cpu',
    threads = availableParallelism(),
    cacheEntries = 24,
    cacheBytes = 512 * 2 ** 20,
    signal,
  } = options;
  requirePositiveInteger('threads', threads);
  requirePositiveInteger('cacheEntries', cacheEntries);
  requirePositiveInteger('cacheBytes', cacheBytes);
  return new LocalRunner(
    {
      requested: device,
      effective: device,
      threads,
      runtime: `onnxruntime-node ${ort.env.versions.node}`,
    },
    new SessionCache(cacheEntries, cacheBytes),
    signal,
  );
}

class LocalRunner implements GraphRunner {
  readonly device: DeviceReport;
  readonly #cache: SessionCache<CachedSession>;
  readonly #signal: AbortSignal | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(
    device: DeviceReport,
    cache: SessionCache<CachedSession>,
    signal: AbortSignal | undefined,
  ) {
    this.device = device;
    this.#cache = cache;
    this.#signal = signal;
  }

  async compile(key: string, build: () => Uint8Array): Promise<CompiledGraph> {
    await this.#exclusive(() => this.#session(key, build));
    return { run: (feeds) => this.#exclusive(() => this.#run(key, build, feeds)) };
  }

  async checkpoint(): Promise<void> {
    await nextTurn();
    await nextTurn();
    this.#throwIfCancelled();
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#exclusive(() => this.#cache.clear());
  }

  /** One call at a time: the runtime blocks anyway, and no session is released under a run. */
  #exclusive<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #session(key: string, build: () => Uint8Array): Promise<InferenceSession> {
    this.#throwIfUnusable();
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached.session;
    const bytes = build();
    await this.#cache.makeRoom(bytes.byteLength);
    const session = await this.#create(key, bytes);
    this.#cache.add(key, {
      session,
      bytes: bytes.byteLength,
      release: () => session.release(),
    });
    return session;
  }

  async #create(key: string, bytes: Uint8Array): Promise<InferenceSession> {
    try {
      return await ort.InferenceSession.create(
        bytes,
        sessionOptions(this.device.requested, this.device.threads),
      );
    } catch (error) {
      throw new ModelError(key, `the graph was refused by the runtime: ${textOf(error)}`, {
        cause: error,
      });
    }
  }

  async #run(
    key: string,
    build: () => Uint8Array,
    feeds: Feeds,
  ): Promise<Record<string, Tensor<DataType>>> {
    const session = await this.#session(key, build);
    const wrapped = wrapFeeds(session.inputMetadata, feeds);
    try {
      return unwrapOutputs(await session.run(wrapped));
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw runFailure(key, error);
    }
  }

  #throwIfCancelled(): void {
    if (this.#signal?.aborted) throw new CancelledError();
  }

  #throwIfUnusable(): void {
    if (this.#disposed)
      throw new EngineError('runner', 'it was disposed of; create another for further work');
    this.#throwIfCancelled();
  }
}

function runFailure(key: string, error: unknown): EngineError | LimitError {
  const said = textOf(error);
  if (/bad_alloc|failed to allocate memory|out of memory/i.test(said))
    return new LimitError(key, `memory ran out; smaller tiles need less: ${said}`, {
      cause: error,
    });
  return new EngineError(key, `the run failed: ${said}`, { cause: error });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function requirePositiveInteger(parameter: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ParameterError(parameter, 'a positive integer', value);
}
