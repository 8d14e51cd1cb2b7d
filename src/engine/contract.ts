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

/** What rooms above the engine know of it: it compiles graphs, runs them and can be stopped. */
export interface GraphRunner {
  readonly device: DeviceReport;
  /** The compiled graph under `key`, compiled from `build()` (ONNX bytes) when it is not in the cache. */
  compile(key: string, build: () => Uint8Array): Promise<CompiledGraph>;
  /**
   * `count` copies of one graph (ONNX bytes) that share the runner's threads and may run at the same
   * time; of one, or none at all, where the device does one thing after the other. They stay until
   * the runner is disposed of. Feeds in shared memory (`inSharedMemory`) cross to them without being
   * copied on this thread, and the outputs of one may lie in arrays that its next run overwrites.
   */
  compileLanes?(key: string, model: Uint8Array, count: number): Promise<readonly CompiledGraph[]>;
  /** Gives up the compiled graphs that were not run for longest, until the others have at most so many bytes of ONNX. */
  keepAtMost?(bytes: number): Promise<void>;
  /** Lets pending messages in and throws CancelledError when the job was cancelled: call between tiles and steps. */
  checkpoint(): Promise<void>;
  dispose(): Promise<void>;
}
