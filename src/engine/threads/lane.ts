import type { Worker } from 'node:worker_threads';
import { EngineError } from '../../tensor/errors.js';
import { isShared } from '../../tensor/shared.js';
import type { DataType, Tensor } from '../../tensor/tensor.js';
import { startThread } from '../../threads/start-thread.js';
import type { Feeds, Lane } from '../contract.js';
import { reviveError } from '../process/serialized-error.js';
import type { LaneReply, LaneRequest, LaneTask } from './lane-protocol.js';

/** A graph compiled on a thread of its own; its runs block that thread alone. */
export interface ThreadLane extends Required<Lane> {
  /** Ends the thread after the run in progress: a runtime torn out of a run takes the process along. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * Starts a lane.
 * @throws ModelError or EngineError where the runtime refuses the graph; EngineError where the
 * thread does not start.
 */
export async function startLane(task: LaneTask): Promise<ThreadLane> {
  const thread = startThread(new URL('./lane-thread', import.meta.url), task);
  // An idle lane keeps no process alive.
  thread.unref();
  const lane = new StartedLane(thread, task.key);
  await lane.started;
  return lane;
}

class StartedLane implements ThreadLane {
  readonly started: Promise<void>;
  readonly #thread: Worker;
  readonly #waiting: Waiting[] = [];
  #outputs: Feeds = {};
  /** The arrays of the last run's inputs; undefined where they are not shared. */
  #last: ReadonlyMap<string, Tensor<DataType> | undefined> = new Map();
  #services = 0;
  #failure: unknown;
  #gone = false;

  constructor(thread: Worker, key: string) {
    this.#thread = thread;
    this.started = new Promise<void>((resolve, reject) => {
      let ready = false;
      thread.on('message', (reply: LaneReply) => {
        if ('ready' in reply) {
          ready = true;
          this.#outputs = reply.ready;
          resolve();
        } else if (ready) this.#receive(reply);
        else if ('error' in reply) fail(reviveError(key, reply.error));
      });
      const fail = (error: unknown): void => {
        this.#failure ??= error;
        reject(this.#failure);
        for (const { reject: refuse } of this.#waiting.splice(0)) refuse(this.#failure);
      };
      thread.on('error', (cause) => fail(new EngineError(key, cause.message, { cause })));
      thread.on('exit', (code) => {
        this.#gone = true;
        fail(new EngineError(key, `the thread of a lane ended with code ${code}`));
      });
    });
  }

  async run(feeds: Feeds): Promise<Record<string, Tensor<DataType>>> {
    const { changed, others } = this.#changesIn(feeds);
    await this.#ask({ kind: 'run', feeds: changed, others });
    return { ...this.#outputs };
  }

  async open(
    module: URL,
    name: string,
    payload: unknown,
  ): Promise<(request: unknown) => Promise<unknown>> {
    await this.#ask({ kind: 'open', module: String(module), name, payload });
    const service = this.#services;
    this.#services += 1;
    return (request) => this.#ask({ kind: 'serve', service, request });
  }

  async close(): Promise<void> {
    if (this.#gone) return;
    this.#failure ??= new EngineError('lane', 'it was closed');
    const gone = new Promise<void>((resolve) => this.#thread.once('exit', () => resolve()));
    this.#thread.ref();
    this.#thread.postMessage({ kind: 'end' } satisfies LaneRequest);
    await gone;
  }

  /** What the thread does not have from the run before: messages of many tensors take their time. */
  #changesIn(feeds: Feeds): { readonly changed: Feeds; readonly others: boolean } {
    const last = this.#last;
    const entries = Object.entries(feeds);
    this.#last = new Map(
      entries.map(([name, feed]) => [name, isShared(feed) ? feed : undefined] as const),
    );
    const others = entries.length === last.size && entries.every(([name]) => last.has(name));
    if (!others) return { changed: feeds, others };
    const changed = entries.filter(([name, { dataType, shape, data }]) => {
      const before = last.get(name);
      const same = before?.data === data && before.dataType === dataType;
      return !(same && before.shape.join() === shape.join());
    });
    return { changed: Object.fromEntries(changed), others };
  }

  #ask(request: LaneRequest): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      // Throws for what cannot cross; nobody waits for an answer then.
      this.#thread.postMessage(request);
      this.#waiting.push({ resolve, reject });
      this.#thread.ref();
    });
  }

  #receive(reply: Exclude<LaneReply, { readonly ready: unknown }>): void {
    const waiting = this.#waiting.shift()!;
    if (this.#waiting.length === 0) this.#thread.unref();
    if ('error' in reply) waiting.reject(reviveError('lane', reply.error));
    else waiting.resolve(reply.result);
  }
}
