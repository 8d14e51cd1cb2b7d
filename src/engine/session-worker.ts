import type { Worker } from 'node:worker_threads';
import type { Feeds, ServiceDefinition, SessionWorker } from '../graph/graph-runner.js';
import { isShared } from '../tensor/shared-memory.js';
import type { DataType, Tensor } from '../tensor/tensor.js';
import { EngineError } from '../utils/errors.js';
import type { SessionTuning } from './runtime.js';
import { reviveError, type SerializedError } from './serialized-error.js';
import { startThread } from './source-modules.js';

/** A graph compiled on a thread of its own; its runs block that thread alone. */
export interface ThreadWorker extends Required<SessionWorker> {
  /**
   * Settles when the graph is compiled; rejects with ModelError or EngineError where the runtime
   * refuses it, with EngineError where the thread does not start or the worker is closed before.
   */
  readonly started: Promise<void>;
  /**
   * Ends the thread after the work in progress, even its start: terminating a thread in the middle
   * of a run would crash the process.
   */
  close(): Promise<void>;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Starts a worker; await `started` before use. */
export function startSessionWorker(task: WorkerTask): ThreadWorker {
  return new StartedWorker(
    startThread(new URL('./session-worker-thread.js', import.meta.url), task),
    task.key,
  );
}

class StartedWorker implements ThreadWorker {
  readonly started: Promise<void>;
  readonly #thread: Worker;
  readonly #waiting: Waiting[] = [];
  #outputs: Feeds = {};
  /** Inputs that the thread holds from the last run; `undefined` for one that is not shared. */
  #last: ReadonlyMap<string, Tensor<DataType> | undefined> | undefined;
  #services = 0;
  #failure: unknown;
  #gone = false;

  constructor(thread: Worker, key: string) {
    this.#thread = thread;
    this.started = new Promise<void>((resolve, reject) => {
      let ready = false;
      thread.on('message', (reply: WorkerReply) => {
        if ('ready' in reply) {
          ready = true;
          this.#outputs = reply.ready;
          // Where it was closed meanwhile, `exit` rejects `started`.
          if (this.#failure !== undefined) return;
          // An idle worker keeps no process alive.
          thread.unref();
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
        fail(new EngineError(key, `the thread of a session worker ended with code ${code}`));
      });
    });
  }

  async run(feeds: Feeds): Promise<Record<string, Tensor<DataType>>> {
    const { changed, others } = this.#changesIn(feeds);
    await this.#ask({ kind: 'run', feeds: changed, others });
    return { ...this.#outputs };
  }

  async open<Payload, Request, Reply>(
    { module, name }: ServiceDefinition<Payload, Request, Reply>,
    payload: Payload,
  ): Promise<(request: Request) => Promise<Reply>> {
    await this.#ask({ kind: 'open', module, name, payload });
    const service = this.#services;
    this.#services += 1;
    return (request) => this.#ask({ kind: 'serve', service, request }) as Promise<Reply>;
  }

  async close(): Promise<void> {
    if (this.#gone) return;
    this.#failure ??= new EngineError('session worker', 'it was closed', {
      code: 'engine-closed',
    });
    const gone = new Promise<void>((resolve) => this.#thread.once('exit', () => resolve()));
    this.#thread.ref();
    this.#thread.postMessage({ kind: 'end' } satisfies WorkerRequest);
    await gone;
  }

  /** Inputs that changed since the last run: messages of many tensors take time. */
  #changesIn(feeds: Feeds): { readonly changed: Feeds; readonly others: boolean } {
    const last = this.#last;
    const entries = Object.entries(feeds);
    this.#last = new Map(
      entries.map(([name, feed]) => [name, isShared(feed) ? feed : undefined] as const),
    );
    if (last?.size !== entries.length || !entries.every(([name]) => last.has(name)))
      return { changed: feeds, others: false };
    const changed = entries.filter(([name, { dataType, shape, data }]) => {
      const before = last.get(name);
      const same = before?.data === data && before.dataType === dataType;
      return !(same && before.shape.join() === shape.join());
    });
    return { changed: Object.fromEntries(changed), others: true };
  }

  #ask(request: WorkerRequest): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    try {
      this.#thread.postMessage(request);
    } catch (cause) {
      // The thread never received these inputs.
      if (request.kind === 'run') this.#last = undefined;
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `the request cannot be cloned: ${reason}`;
      return Promise.reject(
        new EngineError('session worker', message, { code: 'not-cloneable', cause }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#thread.ref();
    });
  }

  #receive(reply: Exclude<WorkerReply, { readonly ready: unknown }>): void {
    const waiting = this.#waiting.shift()!;
    if (this.#waiting.length === 0) this.#thread.unref();
    if ('error' in reply) waiting.reject(reviveError('worker', reply.error));
    else waiting.resolve(reply.result);
  }
}

/** Start parameters of a worker. */
export interface WorkerTask {
  /** ONNX bytes. */
  readonly model: Uint8Array;
  /** Name of the graph in messages. */
  readonly key: string;
  readonly device: string;
  readonly tuning: SessionTuning;
}

/** Requests to a worker, answered in order. */
export type WorkerRequest =
  /** Runs the graph; with `others`, inputs that are not named keep the arrays of the last run. */
  | { readonly kind: 'run'; readonly feeds: Feeds; readonly others: boolean }
  /** Opens the service that function `name` of a module returns, under the next number. */
  | {
      readonly kind: 'open';
      readonly module: string;
      readonly name: string;
      readonly payload: unknown;
    }
  | { readonly kind: 'serve'; readonly service: number; readonly request: unknown }
  /** Ends the thread after all earlier requests. */
  | { readonly kind: 'end' };

/** Messages from a worker: that its graph is compiled, then a reply to each request. */
export type WorkerReply =
  /** Every run writes its outputs to these shared arrays. */
  { readonly ready: Feeds } | { readonly result: unknown } | { readonly error: SerializedError };
