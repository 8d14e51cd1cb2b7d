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

/** Answers requests one after the other; both cross threads by structured clone. */
export type Service = (request: unknown) => unknown;

/** One of several copies of a graph that may run at the same time. */
export interface Lane extends CompiledGraph {
  /**
   * Opens a service on the thread of this copy, where it has one of its own: calls the function
   * `name` that a module (file URL) exports with `payload`, which gives a `Service`. Runs and
   * services of a lane take turns. What it throws, and its requests throw, is passed on.
   */
  open?(
    module: URL,
    name: string,
    payload: unknown,
  ): Promise<(request: unknown) => Promise<unknown>>;
}

/** What rooms above the engine know of it: it compiles graphs, runs them and can be stopped. */
export interface GraphRunner {
  readonly device: DeviceReport;
  /** The compiled graph under `key`, compiled from `build()` (ONNX bytes) when it is not in the cache. */
  compile(key: string, build: () => Uint8Array): Promise<CompiledGraph>;
  /**
   * `count` copies of one graph (ONNX bytes) that share the runner's threads and may run at the same
   * time; of one, or none at all, where the device does one thing after the other. They stay until
   * the runner is disposed of. Feeds in shared memory (`inSharedMemory`) cross to them without being
   * copied on this thread, and the outputs of one may lie in arrays that its next run overwrites;
   * where lanes have threads they do, and the arrays are always the same and shared.
   */
  compileLanes?(key: string, model: Uint8Array, count: number): Promise<readonly Lane[]>;
  /** Gives up the compiled graphs that were not run for longest, until the others have at most so many bytes of ONNX. */
  keepAtMost?(bytes: number): Promise<void>;
  /** Lets pending messages in and throws CancelledError when the job was cancelled: call between tiles and steps. */
  checkpoint(): Promise<void>;
  dispose(): Promise<void>;
}
