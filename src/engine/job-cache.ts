import type { GraphRunner } from '../graph/graph-runner.js';
import { MIB } from '../utils/limits.js';
import {
  createLocalRunner,
  type RunnerOptions,
  throwIfCancelled,
  yieldUnlessCancelled,
} from './local-runner.js';
import { type CacheEntry, SessionCache } from './session-cache.js';

/** The options by which cached runners are told apart. */
export type CachedRunnerOptions = Pick<RunnerOptions, 'device' | 'threads'>;

/** A value for later jobs, and the bytes that it takes. */
export interface CachedValue<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/** Most values in the cache and most bytes; the newest stays even where it takes more. */
const MOST_VALUES = 4;
const MOST_BYTES = 64 * MIB;

/** What outlives the jobs of a process: one runner with its compiled graphs, and a few values. */
export class JobCache {
  readonly #values = new SessionCache<CachedValue<unknown> & CacheEntry>(MOST_VALUES, MOST_BYTES);
  #last: { readonly key: string; readonly runner: GraphRunner } | undefined;

  /**
   * The runner for these options, for use by one job: the job's signal stops its runs. Other
   * options replace the cached runner.
   * @throws what `createLocalRunner` throws.
   */
  async runner(options: CachedRunnerOptions, signal: AbortSignal): Promise<GraphRunner> {
    const key = JSON.stringify([options.device, options.threads]);
    if (this.#last?.key !== key) {
      await this.#disposeRunner();
      this.#last = { key, runner: await createLocalRunner(options) };
    }
    return borrowed(this.#last.runner, signal);
  }

  /** The value of a key; `make` makes it where there is none. */
  async value<Value>(key: string, make: () => Promise<CachedValue<Value>>): Promise<Value> {
    const known = this.#values.get(key);
    if (known !== undefined) return known.value as Value;
    const { value, bytes } = await make();
    await this.#values.makeRoom(bytes);
    this.#values.add(key, { value, bytes, release: async () => {} });
    return value;
  }

  /** Drops the runner and all values. */
  async clear(): Promise<void> {
    await this.#values.clear();
    await this.#disposeRunner();
  }

  async #disposeRunner(): Promise<void> {
    const last = this.#last;
    this.#last = undefined;
    await last?.runner.dispose();
  }
}

/** A view of a runner that a job can stop but not dispose of. */
function borrowed(runner: GraphRunner, signal: AbortSignal): GraphRunner {
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
