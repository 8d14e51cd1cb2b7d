import { parentPort, workerData } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import type { Feeds, Service } from '../graph/graph-runner.js';
import { emptyShared } from '../tensor/shared-memory.js';
import { allocate, type DataType, sizeOf, type Tensor, typedTensor } from '../tensor/tensor.js';
import { DpirError, EngineError } from '../utils/errors.js';
import { importImplementation } from './job.js';
import {
  compileFailure,
  loadRuntime,
  type Runtime,
  runFailure,
  sessionOptions,
} from './runtime.js';
import { SharedFeeds, wrapFeeds } from './runtime-tensors.js';
import { serializeError } from './serialized-error.js';
import type { WorkerReply, WorkerRequest, WorkerTask } from './session-worker.js';

type RuntimeTensors = InferenceSession.OnnxValueMapType;

/** Arrays that every run of a graph reuses, and shared ones through which other threads read outputs. */
class WorkerArrays {
  /** Outputs of the last run, in shared memory. */
  readonly outputs: Feeds;
  readonly #runtime: Runtime;
  readonly #session: InferenceSession;
  readonly #made: Feeds;
  readonly #fetches: RuntimeTensors;
  readonly #shared = new SharedFeeds();
  #feeds: Feeds = {};

  constructor(runtime: Runtime, session: InferenceSession) {
    this.#runtime = runtime;
    this.#session = session;
    const made = session.outputMetadata.map((output): [string, Tensor<DataType>] => {
      if (!output.isTensor) throw new TypeError(`${output.name} is not a tensor`);
      const [type, shape] = [output.type as DataType, output.shape as number[]];
      return [output.name, typedTensor(type, shape, allocate(type, sizeOf(shape)))];
    });
    this.#made = Object.fromEntries(made);
    this.#fetches = wrapFeeds(runtime, session.outputMetadata, this.#made);
    this.outputs = Object.fromEntries(
      made.map(([name, { dataType, shape }]) => [name, emptyShared(dataType, shape)]),
    );
  }

  /**
   * Runs the graph and writes its outputs to `outputs`.
   * @param others whether inputs that `feeds` does not name keep the arrays of the last run.
   * @throws as `wrapFeeds` and the runtime.
   */
  async run(feeds: Feeds, others: boolean): Promise<void> {
    this.#feeds = others ? { ...this.#feeds, ...feeds } : feeds;
    const own = this.#shared.own(this.#feeds);
    const wrapped = wrapFeeds(this.#runtime, this.#session.inputMetadata, own);
    await this.#session.run(wrapped, this.#fetches);
    for (const [name, { data }] of Object.entries(this.#made))
      (this.outputs[name]!.data as Float32Array).set(data as Float32Array);
  }
}

const { model, key, device, tuning } = workerData as WorkerTask;
const port = parentPort!;
const services: Service[] = [];
try {
  const runtime = await loadRuntime();
  runtime.env.logLevel = 'fatal';
  const session = await compiled(runtime);
  answerRequests(session, new WorkerArrays(runtime, session));
} catch (error) {
  send({ error: serializeError(error) });
}

async function compiled(runtime: Runtime): Promise<InferenceSession> {
  try {
    return await runtime.InferenceSession.create(model, sessionOptions(device, tuning));
  } catch (error) {
    throw compileFailure(key, device, error);
  }
}

/** Answers requests in order. */
function answerRequests(session: InferenceSession, arrays: WorkerArrays): void {
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: WorkerRequest) => {
    last = last.then(async () => {
      if (request.kind === 'end') {
        await session.release();
        port.close();
      } else answer(await replyTo(request, arrays));
    });
  });
  send({ ready: arrays.outputs });
}

async function replyTo(
  request: Exclude<WorkerRequest, { readonly kind: 'end' }>,
  arrays: WorkerArrays,
): Promise<WorkerReply> {
  try {
    if (request.kind === 'run') await arrays.run(request.feeds, request.others);
    else if (request.kind === 'open') {
      const open = await importImplementation(request);
      services.push((await open(request.payload)) as Service);
    } else return { result: await services[request.service]!(request.request) };
    return { result: undefined };
  } catch (error) {
    const ours = error instanceof DpirError || request.kind !== 'run';
    return { error: serializeError(ours ? error : runFailure(key, error)) };
  }
}

/** Sends a reply; one that cannot be cloned fails its own request alone. */
function answer(reply: WorkerReply): void {
  try {
    send(reply);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = new EngineError(key, `the reply cannot be cloned: ${reason}`, {
      code: 'not-cloneable',
      cause,
    });
    send({ error: serializeError(error) });
  }
}

function send(reply: WorkerReply): void {
  port.postMessage(reply);
}
