import type { DataType, Tensor } from '../tensor/tensor.js';

/** Where graphs run, as asked for and as it came to be. */
export interface DeviceReport {
  readonly requested: string;
  /** The device that does the work; `webgpu+cpu` where operators were allowed to stay on the CPU. */
  readonly effective: string;
  /** CPU threads of one operator. */
  readonly threads: number;
  /** Name and version of the runtime, such as `onnxruntime-node 1.30.0`. */
  readonly runtime: string;
}

/** The inputs of a graph by name. */
export type Feeds = Readonly<Record<string, Tensor<DataType>>>;

/** A graph of static shapes, ready to run. */
export interface CompiledGraph {
  /** Runs once. Output arrays are fresh and owned by the caller. */
  run(feeds: Feeds): Promise<Record<string, Tensor<DataType>>>;
}

/** Answers requests one after the other; requests and replies cross threads by structured clone. */
export type Service<Request = unknown, Reply = unknown> = (
  request: Request,
) => Reply | Promise<Reply>;

/** A typed reference to an exported function that opens a service. */
export interface ServiceDefinition<Payload, Request, Reply> {
  /** File URL of the module that exports the function. */
  readonly module: string;
  readonly name: string;
  /** Never set: it carries the types. */
  readonly implementation?: (payload: Payload) => Service<Request, Reply>;
}

/** One of several copies of a graph that may run at the same time, each on a thread of its own. */
export interface SessionWorker extends CompiledGraph {
  /**
   * Opens a service on the thread of this copy, where it has one: calls the defined function with
   * `payload`. Runs and services of a worker take turns. Errors of the function and of requests
   * are passed on.
   */
  open?<Payload, Request, Reply>(
    service: ServiceDefinition<Payload, Request, Reply>,
    payload: NoInfer<Payload>,
  ): Promise<(request: Request) => Promise<Reply>>;
}

/** What rooms above the engine know of it: it compiles graphs, runs them and can be stopped. */
export interface GraphRunner {
  readonly device: DeviceReport;
  /** The compiled graph under `key`, compiled from `build()` (ONNX bytes) when it is not in the cache. */
  compile(key: string, build: () => Uint8Array): Promise<CompiledGraph>;
  /**
   * Up to `count` copies of one graph (ONNX bytes) that share the runner's threads and may run at
   * the same time; a single one where the device runs one graph after the other. They stay until
   * the runner is disposed of. Feeds in shared memory (`inSharedMemory`) reach them without a copy
   * on this thread. The next run of a copy may overwrite the arrays of its outputs; where copies
   * have threads it does, and the arrays are always the same and shared.
   */
  compileWorkers?(key: string, model: Uint8Array, count: number): Promise<readonly SessionWorker[]>;
  /** Gives up the compiled graphs that were not run for longest, until the others have at most so many bytes of ONNX. */
  keepAtMost?(bytes: number): Promise<void>;
  /** Lets pending messages in and throws CancelledError when the job was cancelled: call between tiles and steps. */
  checkpoint(): Promise<void>;
  dispose(): Promise<void>;
}
