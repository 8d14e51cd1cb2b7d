import type { Worker } from 'node:worker_threads';
import { EngineError } from '../../tensor/errors.js';
import type { DataType, Tensor } from '../../tensor/tensor.js';
import { typedTensor } from '../../tensor/tensor.js';
import { startThread } from '../../threads/start-thread.js';
import type { CompiledGraph, Feeds } from '../contract.js';
import { reviveError } from '../process/serialized-error.js';
import type { LaneReply, LaneRequest, LaneTask } from './lane-protocol.js';

/** A graph compiled on a thread of its own; its runs block that thread alone. */
export interface Lane extends CompiledGraph {
  /** Ends the thread after the run in progress: a runtime torn out of a run takes the process along. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(outputs: Record<string, Tensor<DataType>>): void;
  reject(error: unknown): void;
}

/**
 * Starts a lane.
 * @throws ModelError or EngineError where the runtime refuses the graph; EngineError where the
 * thread does not start.
 */
export async function startLane(task: LaneTask): Promise<Lane> {
  const thread = startThread(new URL('./lane-thread', import.meta.url), task);
  // An idle lane keeps no process alive.
  thread.unref();
  const lane = new ThreadLane(thread, task.key);
  await lane.started;
  return lane;
}

class ThreadLane implements Lane {
  readonly started: Promise<void>;
  readonly #thread: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: unknown;
  #gone = false;

  constructor(thread: Worker, key: string) {
    this.#thread = thread;
    this.started = new Promise<void>((resolve, reject) => {
      let ready = false;
      thread.on('message', (reply: LaneReply) => {
        if (reply === 'ready') {
          ready = true;
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

  run(feeds: Feeds): Promise<Record<string, Tensor<DataType>>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#thread.ref();
      this.#thread.postMessage({ feeds } satisfies LaneRequest);
    });
  }

  async close(): Promise<void> {
    if (this.#gone) return;
    this.#failure ??= new EngineError('lane', 'it was closed');
    const gone = new Promise<void>((resolve) => this.#thread.once('exit', () => resolve()));
    this.#thread.ref();
    this.#thread.postMessage('end' satisfies LaneRequest);
    await gone;
  }

  #receive(reply: Exclude<LaneReply, 'ready'>): void {
    const waiting = this.#waiting.shift()!;
    if (this.#waiting.length === 0) this.#thread.unref();
    if ('error' in reply) waiting.reject(reviveError('lane', reply.error));
    else
      waiting.resolve(
        Object.fromEntries(
          Object.entries(reply.outputs).map(([name, { dataType, shape, data }]) => [
            name,
            typedTensor(dataType, shape, data),
          ]),
        ),
      );
  }
}
