import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InferenceSession } from 'onnxruntime-node';
import type {
  CompiledGraph,
  DeviceReport,
  Feeds,
  GraphRunner,
  SessionWorker,
} from '../graph/graph-runner.js';
import type { DataType, Tensor } from '../tensor/tensor.js';
import { CancelledError, DpirError, EngineError, ParameterError } from '../utils/errors.js';
import { CACHED_GRAPH_BYTES, CACHED_GRAPHS, MAX_THREADS } from '../utils/limits.js';
import { requireDevice } from './devices.js';
import {
  compileFailure,
  loadRuntime,
  needsCpu,
  type Runtime,
  runFailure,
  type SessionTuning,
  sessionOptions,
} from './runtime.js';
import { SharedFeeds, unwrapOutputs, wrapFeeds } from './runtime-tensors.js';
import { type CacheEntry, SessionCache } from './session-cache.js';
import { startSessionWorker, type ThreadWorker } from './session-worker.js';

/** How a runner works; everything has a default. */
export interface RunnerOptions {
  /** `cpu` (default) or another name that `listDevices()` gives. */
  readonly device?: string;
  /** CPU threads of one operator, up to 1024; default: as many as the machine runs at once. */
  readonly threads?: number;
  /** Most compiled graphs in the cache; default 24. */
  readonly cacheEntries?: number;
  /** Most bytes of compiled graphs in the cache, counted in their ONNX form; default 512 MiB. */
  readonly cacheBytes?: number;
  /**
   * Keeps the working memory of each graph between runs. It takes up to twice the memory and pays off
   * for a single graph that runs again and again. Default false.
   */
  readonly keepMemory?: boolean;
  /**
   * Allocates the memory of a run as one block, planned in the run before; otherwise each result of
   * an operator gets its own block. Default true. Without it, graphs with large results run faster in
   * a process that keeps freed memory (`keepFreed` of `EngineOptions`), and slower elsewhere.
   */
  readonly planMemory?: boolean;
  /**
   * Threads spin while they wait: faster for one graph of many tiny operators on an idle machine, far
   * slower where several graphs or programs share the cores. Default false.
   */
  readonly busyWait?: boolean;
  /**
   * Lets operators that the device lacks run on the CPU; the device report then says so.
   * Default false: such graphs are refused.
   */
  readonly allowCpuOperators?: boolean;
  /** Aborting it makes the next run or checkpoint throw CancelledError. */
  readonly signal?: AbortSignal;
}

interface CachedSession extends CacheEntry {
  readonly session: InferenceSession;
  readonly shared: SharedFeeds;
}

/**
 * Creates a runner in this process. Compiling and running block the event loop, and a run cannot be
 * stopped; use an engine process where that matters.
 *
 * `compile` throws ModelError for a graph that the runtime refuses and EngineError for one that
 * needs operators that the device lacks. `run` throws ParameterError for feeds that do not fit the
 * graph, LimitError with the code `out-of-memory`, and EngineError with the runtime's message
 * otherwise. A graph that left the cache is compiled again when it is run.
 * @throws ParameterError for options out of range; EngineError for a device that is missing or
 * does not start.
 * @example
 * const runner = await createLocalRunner({ threads: 1 });
 * console.log(runner.device);
 */
export async function createLocalRunner(options: RunnerOptions = {}): Promise<GraphRunner> {
  const {
    device = 'cpu',
    threads = availableParallelism(),
    cacheEntries = CACHED_GRAPHS,
    cacheBytes = CACHED_GRAPH_BYTES,
    keepMemory = false,
    planMemory = true,
    busyWait = false,
    allowCpuOperators = false,
    signal,
  } = options;
  requireThreads(threads);
  requirePositiveInteger('cacheEntries', cacheEntries);
  requirePositiveInteger('cacheBytes', cacheBytes);
  throwIfCancelled(signal);
  return new LocalRunner(
    await loadRuntime(),
    { requested: device, name: await requireDevice(device) },
    { threads, keepMemory, planMemory, busyWait, allowCpuOperators },
    new SessionCache(cacheEntries, cacheBytes),
    signal,
  );
}

class LocalRunner implements GraphRunner {
  readonly #runtime: Runtime;
  readonly #device: { readonly requested: string; readonly name: string };
  readonly #tuning: SessionTuning;
  readonly #cache: SessionCache<CachedSession>;
  /** Workers that have started or are starting. */
  readonly #workers = new Set<ThreadWorker>();
  readonly #signal: AbortSignal | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #cpuHelped = false;
  #disposed = false;

  constructor(
    runtime: Runtime,
    device: { requested: string; name: string },
    tuning: SessionTuning,
    cache: SessionCache<CachedSession>,
    signal: AbortSignal | undefined,
  ) {
    this.#runtime = runtime;
    this.#device = device;
    this.#tuning = tuning;
    this.#cache = cache;
    this.#signal = signal;
  }

  get device(): DeviceReport {
    return {
      requested: this.#device.requested,
      effective: this.#cpuHelped ? `${this.#device.name}+cpu` : this.#device.name,
      threads: this.#tuning.threads,
      runtime: `onnxruntime-node ${this.#runtime.env.versions.node}`,
    };
  }

  async compile(key: string, build: () => Uint8Array): Promise<CompiledGraph> {
    await this.#exclusive(() => this.#session(key, build));
    return { run: (feeds) => this.#exclusive(() => this.#run(key, build, feeds)) };
  }

  async compileWorkers(
    key: string,
    model: Uint8Array,
    count: number,
  ): Promise<readonly SessionWorker[]> {
    const together = this.#device.name === 'cpu' ? Math.min(count, this.#tuning.threads) : 1;
    if (together < 2) return [await this.compile(key, () => model)];
    this.#requireUsable();
    const threads = Math.floor(this.#tuning.threads / together);
    // Threads that reuse each other's freed memory fragment it by varying amounts; with its own arena
    // a worker takes the same memory in every run, and no more in total.
    const tuning = { ...this.#tuning, threads, keepMemory: true, planMemory: false };
    const task = { model, key, device: 'cpu', tuning };
    const workers = Array.from({ length: together }, () => startSessionWorker(task));
    for (const worker of workers) this.#workers.add(worker);
    const outcomes = await Promise.allSettled(workers.map(({ started }) => started));
    this.#requireUsable();
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) {
      // The caller gets none of them, so those that did start are closed.
      await Promise.all(workers.map((worker) => worker.close()));
      for (const worker of workers) this.#workers.delete(worker);
      throw failed.reason;
    }
    return workers.map((worker) => ({
      run: (feeds) => {
        throwIfCancelled(this.#signal);
        return worker.run(feeds);
      },
      open: (...service) => worker.open(...service),
    }));
  }

  keepAtMost(bytes: number): Promise<void> {
    return this.#exclusive(() => this.#cache.shrink(bytes));
  }

  checkpoint(): Promise<void> {
    return yieldUnlessCancelled(this.#signal);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#workers].map((worker) => worker.close()));
    await this.#exclusive(() => this.#cache.clear());
  }

  /** One call at a time: the runtime blocks anyway, and no session is released under a run. */
  #exclusive<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #requireUsable(): void {
    if (this.#disposed)
      throw new EngineError('runner', 'it was disposed; create another one', {
        code: 'engine-closed',
      });
    throwIfCancelled(this.#signal);
  }

  async #session(key: string, build: () => Uint8Array): Promise<CachedSession> {
    this.#requireUsable();
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    const model = build();
    const bytes = model.byteLength;
    await this.#cache.makeRoom(bytes);
    const session = await this.#create(key, model);
    const release = () => session.release();
    const entry = { session, shared: new SharedFeeds(), bytes, release };
    this.#cache.add(key, entry);
    return entry;
  }

  async #create(key: string, model: Uint8Array): Promise<InferenceSession> {
    const create = (allowCpuOperators: boolean) =>
      this.#runtime.InferenceSession.create(
        model,
        sessionOptions(this.#device.name, { ...this.#tuning, allowCpuOperators }),
      );
    try {
      return await create(false);
    } catch (error) {
      if (!(needsCpu(error) && this.#tuning.allowCpuOperators))
        throw compileFailure(key, this.#device.name, error);
    }
    try {
      const session = await create(true);
      this.#cpuHelped = true;
      return session;
    } catch (error) {
      throw compileFailure(key, this.#device.name, error);
    }
  }

  async #run(
    key: string,
    build: () => Uint8Array,
    feeds: Feeds,
  ): Promise<Record<string, Tensor<DataType>>> {
    const { session, shared } = await this.#session(key, build);
    const wrapped = wrapFeeds(this.#runtime, session.inputMetadata, shared.own(feeds));
    try {
      return unwrapOutputs(await session.run(wrapped));
    } catch (error) {
      throw error instanceof DpirError ? error : runFailure(key, error);
    }
  }
}

function requireThreads(threads: number): void {
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS))
    throw new ParameterError('threads', `an integer from 1 to ${MAX_THREADS}`, threads);
}

function requirePositiveInteger(parameter: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ParameterError(parameter, 'a positive integer', value);
}

/** @throws CancelledError where the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError();
}

/**
 * Lets messages and timers that came in while the event loop was blocked be handled.
 * @throws CancelledError where the signal is, or was thereby, aborted.
 */
export async function yieldUnlessCancelled(signal: AbortSignal | undefined): Promise<void> {
  // One turn reads what has arrived, the next one hands it to its listeners.
  await nextTurn();
  await nextTurn();
  throwIfCancelled(signal);
}
