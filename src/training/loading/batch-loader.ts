import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { reviveError, type SerializedError } from '../../engine/serialized-error.js';
import { startThread } from '../../engine/source-modules.js';
import type { DataArray, DataType } from '../../tensor/tensor.js';
import { EngineError, ParameterError } from '../../utils/errors.js';
import type { CacheLocation } from '../crop-cache/crop-cache.js';
import type { FrozenModules, TrainingDefinition } from '../definition.js';
import { photographsMemory } from '../photographs/photographs.js';
import type { Recipe } from '../recipe.js';

/** A definition whose batches are made ahead, until it is closed. */
export interface LoadedDefinition {
  readonly definition: TrainingDefinition;
  close(): Promise<void>;
}

/**
 * Lets threads make the batches of a recipe's definition; those that are asked for before the
 * threads have started are made in place. The batches are the same in either case.
 * @param settings.workers number of threads; with 0 nothing changes.
 */
export function loadAhead(
  definition: TrainingDefinition,
  recipe: Recipe,
  {
    modules,
    cropCache,
    workers,
  }: {
    readonly modules: FrozenModules;
    /** Where restored crops will lie. */
    readonly cropCache?: CacheLocation | undefined;
    readonly workers: number;
  },
): LoadedDefinition {
  if (workers === 0) return { definition, close: async () => undefined };
  const task = {
    recipe,
    modules: outlineOf(modules),
    cacheBytes: photographsMemory(),
    ...(cropCache === undefined ? {} : { cropCache }),
  };
  const loader = startLoader(task, workers, recipe.accumulate);
  return {
    definition: {
      ...definition,
      batch: (photographs, step, part = 0) =>
        loader.ready ? loader.batch({ step, part }) : definition.batch(photographs, step, part),
    },
    close: () => loader.close(),
  };
}

/** Milliseconds that a thread is given to end by itself. */
const GRACE = 5_000;

/** Makes batches ahead of their use. */
export interface BatchLoader {
  /** Whether all threads have started; asked for earlier, a batch waits for that. */
  readonly ready: boolean;
  /**
   * A batch, and a request for those after it. It lies in arrays that last until one of another step
   * is asked for.
   * @throws what making it threw, such as an InputError that names a damaged photograph;
   * EngineError where a thread ended.
   */
  batch(place: BatchKey): Promise<SharedBatch>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** As many threads as pay: one, where another processor is there for it. */
export function usualWorkers(): number {
  return availableParallelism() > 1 ? 1 : 0;
}

/**
 * Threads that decode, crop and degrade ahead of the training step, which blocks its own thread.
 * Each batch is made by one of them from the recipe and its place alone, so their number changes
 * none. Ahead of the batch that was asked for last there are as many in the making or ready as there
 * are threads, or as the parts of a step that may run at the same time where those are more.
 * @param task.cacheBytes decoded photographs kept by all threads together.
 * @param parts batches of one step.
 */
export function startLoader(task: LoaderTask, workers: number, parts: number): BatchLoader {
  if (!Number.isInteger(workers) || workers < 1)
    throw new ParameterError('workers', 'a positive integer', workers);
  const share = { ...task, cacheBytes: task.cacheBytes / workers };
  return new ThreadedLoader(
    Array.from({ length: workers }, () =>
      startThread(new URL('./loader-thread.js', import.meta.url), share),
    ),
    { parts, count: task.recipe.steps * parts },
  );
}

interface Waiting {
  readonly promise: Promise<SharedBatch>;
  /** Arrays that it may lie in. */
  readonly into: SharedBatch | undefined;
  resolve(batch: SharedBatch): void;
  reject(error: unknown): void;
}

class ThreadedLoader implements BatchLoader {
  readonly #threads: readonly Worker[];
  readonly #parts: number;
  readonly #ahead: number;
  readonly #count: number;
  readonly #asked = new Map<number, Waiting>();
  /** Batches in use, by their number, and arrays that are free for others. */
  readonly #used = new Map<number, SharedBatch>();
  readonly #free: SharedBatch[] = [];
  #failure: unknown;
  readonly #started = new Set<Worker>();

  constructor(threads: readonly Worker[], batches: { parts: number; count: number }) {
    this.#threads = threads;
    this.#parts = batches.parts;
    this.#ahead = Math.max(threads.length, Math.min(batches.parts, availableParallelism()));
    this.#count = batches.count;
    for (const thread of threads) {
      thread.on('message', (reply: LoaderReply) => {
        if (reply === 'ready') this.#started.add(thread);
        else this.#receive(reply);
      });
      thread.on('error', (cause) =>
        this.#fail(new EngineError('loader', `a thread failed: ${cause.message}`, { cause })),
      );
      thread.on('exit', (code) =>
        this.#fail(new EngineError('loader', `a thread ended with code ${code}`)),
      );
    }
  }

  get ready(): boolean {
    return this.#started.size === this.#threads.length || this.#failure !== undefined;
  }

  async batch({ step, part }: BatchKey): Promise<SharedBatch> {
    if (this.#failure !== undefined) throw this.#failure;
    const number = (step - 1) * this.#parts + part;
    for (const [used, arrays] of this.#used)
      if (this.#stepOf(used) !== step) {
        this.#used.delete(used);
        this.#free.push(arrays);
      }
    this.#ask(number);
    const end = Math.min(number + this.#ahead + 1, this.#count);
    for (let next = number + 1; next < end; next += 1) this.#ask(next);
    const { promise } = this.#asked.get(number)!;
    try {
      const batch = await promise;
      this.#used.set(number, batch);
      return batch;
    } finally {
      this.#asked.delete(number);
    }
  }

  async close(): Promise<void> {
    this.#failure ??= new EngineError('loader', 'it was closed');
    await Promise.all(this.#threads.map((thread) => endThread(thread, this.#started.has(thread))));
  }

  #ask(number: number): void {
    if (this.#asked.has(number)) return;
    let settle: Pick<Waiting, 'resolve' | 'reject'> | undefined;
    const promise = new Promise<SharedBatch>((resolve, reject) => {
      settle = { resolve, reject };
    });
    // A batch that nobody comes to fetch may fail unheard.
    promise.catch(() => undefined);
    const into = this.#free.pop();
    this.#asked.set(number, { promise, into, ...settle! });
    const place = { step: this.#stepOf(number), part: number % this.#parts };
    const request: LoaderRequest = { number, place, into };
    this.#threads[number % this.#threads.length]!.postMessage(request);
  }

  #receive(reply: Exclude<LoaderReply, 'ready'>): void {
    const waiting = this.#asked.get(reply.number);
    if (waiting === undefined) return;
    if ('error' in reply) {
      if (waiting.into !== undefined) this.#free.push(waiting.into);
      waiting.reject(reviveError('loader', reply.error));
    } else waiting.resolve(reply.batch ?? waiting.into!);
  }

  #stepOf(number: number): number {
    return Math.floor(number / this.#parts) + 1;
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const { reject } of this.#asked.values()) reject(error);
  }
}

/** Lets a thread finish what it is at: a decoder is not to be torn out of its work. */
async function endThread(thread: Worker, started: boolean): Promise<void> {
  if (thread.threadId === -1) return;
  if (!started) {
    await thread.terminate();
    return;
  }
  const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  const timer = setTimeout(() => void thread.terminate(), GRACE);
  thread.postMessage('end' satisfies LoaderRequest);
  await gone;
  clearTimeout(timer);
}

/** A frozen module without its weights: batches depend on its shapes alone. */
export interface ModuleOutline {
  readonly network: string;
  readonly config: unknown;
}

/** What a loader thread is started with. */
export interface LoaderTask {
  readonly recipe: Recipe;
  readonly modules: Readonly<Record<string, ModuleOutline>>;
  /** Decoded photographs that this thread may keep. */
  readonly cacheBytes: number;
  /** Where restored crops will lie. */
  readonly cropCache?: Pick<CacheLocation, 'path' | 'content'>;
}

/** A batch among those of a run: part `part`, counted from 0, of step `step`, counted from 1. */
export interface BatchKey {
  readonly step: number;
  readonly part: number;
}

/** What a loader thread is asked: a batch under a number, or to end. */
export type LoaderRequest =
  | {
      readonly number: number;
      readonly place: BatchKey;
      /** Shared arrays that are to hold it. */
      readonly into?: SharedBatch | undefined;
    }
  | 'end';

/** The inputs of a batch, in memory that threads share. */
export type SharedBatch = Readonly<
  Record<
    string,
    {
      readonly dataType: DataType;
      readonly shape: readonly number[];
      readonly data: DataArray<DataType>;
    }
  >
>;

/** What a loader thread tells: that it has started, then an answer to each request. */
export type LoaderReply =
  | 'ready'
  /** The batch; absent where it is in the arrays that came with the request. */
  | { readonly number: number; readonly batch?: SharedBatch }
  | { readonly number: number; readonly error: SerializedError };

/** Frozen modules without their weights, as a loader thread gets them. */
export function outlineOf(modules: FrozenModules): Record<string, ModuleOutline> {
  return Object.fromEntries(
    Object.entries(modules).map(([role, { network, config }]) => [
      role,
      { network: network.name, config },
    ]),
  );
}
