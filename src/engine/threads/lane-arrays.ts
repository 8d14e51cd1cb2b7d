import type { InferenceSession } from 'onnxruntime-node';
import { emptyShared } from '../../tensor/shared.js';
import { allocate, type DataType, sizeOf, type Tensor, typedTensor } from '../../tensor/tensor.js';
import type { Feeds } from '../contract.js';
import type { Runtime } from '../runtime.js';
import { wrapFeeds } from '../runtime-tensors.js';
import { SharedFeeds } from './shared-feeds.js';

type RuntimeTensors = InferenceSession.OnnxValueMapType;

/**
 * The arrays that every run of one graph uses anew, on a thread that other threads give inputs to
 * and take outputs from.
 */
export class LaneArrays {
  /** Where outputs are left for other threads. */
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
      if (!output.isTensor) throw new TypeError(`${output.name} is no tensor`);
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
   * Runs the graph and leaves its outputs in `outputs`.
   * @param others whether inputs that `feeds` does not name have the arrays of the run before.
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
