import type { GraphRunner } from '../graph/graph-runner.js';
import {
  createLocalRunner,
  type RunnerOptions,
  throwIfCancelled,
  yieldUnlessCancelled,
} from './local-runner.js';
import { type CacheEntry, SessionCache } from './session-cache.js';

/** What a job finds around it in the engine process. */
export interface JobContext {
  /** A runner that obeys this job's cancellation; it is disposed of when the job ends. */
  runner(options?: Omit<RunnerOptions, 'signal'>): Promise<GraphRunner>;
  /**
   * As `runner`, but what it compiles stays for later jobs of this process that ask for the same,
   * so that keys have to tell graphs apart for as long as the process lives. A job has one.
   */
  keptRunner(options?: KeptOptions): Promise<GraphRunner>;
  /**
   * What `make` gave an earlier job of this process under the same key, or gives now. A few values
   * are kept, none beyond a failure of a job that may have harmed them.
   */
  keep<Value>(key: string, make: () => Promise<Kept<Value>>): Promise<Value>;
  /** Sends a message to the caller's `onProgress`; it must survive a structured clone. */
  progress(message: unknown): void;
  /** Aborted when the caller cancels; seen only after the event loop has turned. */
  readonly signal: AbortSignal;
  /** Lets pending messages in and throws CancelledError when the job was cancelled. */
  checkpoint(): Promise<void>;
}

/**
 * A whole piece of work done in an engine process: an exported function of a job module. Payload
 * and result cross by structured clone; typed arrays arrive as typed arrays.
 */
export type Job<Payload, Result> = (context: JobContext, payload: Payload) => Promise<Result>;

/** What tells kept runners apart. */
export type KeptOptions = Pick<RunnerOptions, 'device' | 'threads'>;

/** Something made for one job that later ones can use, and the bytes that it takes. */
export interface Kept<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/** Most values that are kept, and their bytes; the latest stays even where it has more. */
const MOST_VALUES = 4;
const MOST_BYTES = 64 * 2 ** 20;

/** What outlives the jobs of a process: one runner with its compiled graphs, and a few values. */
export class KeptForJobs {
  readonly #values = new SessionCache<Kept<unknown> & CacheEntry>(MOST_VALUES, MOST_BYTES);
  #last: { readonly key: string; readonly runner: GraphRunner } | undefined;

  /**
   * The runner of these options as one job may use it, whose signal stops its runs. One of other
   * options takes its place.
   * @throws what `createLocalRunner` throws.
   */
  async runner(options: KeptOptions, signal: AbortSignal): Promise<GraphRunner> {
    const key = JSON.stringify([options.device, options.threads]);
    if (this.#last?.key !== key) {
      await this.#dispose();
      this.#last = { key, runner: await createLocalRunner(options) };
    }
    return lent(this.#last.runner, signal);
  }

  /** The value of a key, made where there is none. */
  async value<Value>(key: string, make: () => Promise<Kept<Value>>): Promise<Value> {
    const known = this.#values.get(key);
    if (known !== undefined) return known.value as Value;
    const { value, bytes } = await make();
    await this.#values.makeRoom(bytes);
    this.#values.add(key, { value, bytes, release: async () => {} });
    return value;
  }

  /** Gives up everything. */
  async drop(): Promise<void> {
    await this.#values.clear();
    await this.#dispose();
  }

  async #dispose(): Promise<void> {
    const last = this.#last;
    this.#last = undefined;
    await last?.runner.dispose();
  }
}

/** A runner that a job may stop but not dispose of. */
function lent(runner: GraphRunner, signal: AbortSignal): GraphRunner {
  return {
    get device() {
      return runner.device;
    },
    compile: async (key, build) => {
      throwIfCancelled(signal);
      const graph = await runner.compile(key, build);
      return {
        run: async (feeds) => {
          throwIfCancelled(signal);
          return graph.run(feeds);
        },
      };
    },
    keepAtMost: async (bytes) => runner.keepAtMost?.(bytes),
    checkpoint: () => yieldUnlessCancelled(signal),
    dispose: async () => {},
  };
}
