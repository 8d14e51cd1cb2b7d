import { toBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema } from 'onnx-buf';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { input } from '../leaves.js';
import { topologicalOrder, type Value } from '../value.js';
import { blockConvolutions } from './blocked/block-convolutions.js';
import { blockChannels } from './blocked/blocked-operators.js';
import { OnnxEmitter } from './onnx-emitter.js';
import { type GraphMemory, graphMemory } from './peak-memory.js';
import { splitConvolutions } from './split-convolutions.js';
import { writeWeightGradients } from './weight-gradient-products.js';

/** A graph in ONNX form. */
export interface OnnxModel {
  readonly bytes: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Graph outputs by name, and the weights that become part of the model. */
export interface LoweredGraph {
  readonly outputs: Readonly<Record<string, Value>>;
  readonly weights?: ReadonlyMap<string, Tensor>;
  /** Channels of a block, for graphs whose kernels are inputs; see `blockConvolutions`. */
  readonly channelBlock?: number | undefined;
}

/**
 * Writes a graph as an ONNX model.
 *
 * Parameters found in `weights` become constants of the model; the others, and every `input`,
 * become its inputs.
 * @throws ModelError where weights do not fit their parameter, or two inputs, parameters or
 * outputs have one name; ParameterError where there are no outputs.
 */
export function lowerToOnnx(graph: LoweredGraph): OnnxModel {
  return lowerWithMemory(graph).model;
}

/** As `lowerToOnnx`, with the memory that the model takes. */
export function lowerWithMemory(graph: LoweredGraph): {
  readonly model: OnnxModel;
  readonly memory: GraphMemory;
} {
  const { model, inputs, lowered } = lowerToModel(graph);
  const bytes = toBinary(ModelProtoSchema, model);
  return {
    model: { bytes, inputs, outputs: Object.keys(graph.outputs) },
    memory: graphMemory(lowered, graph.weights),
  };
}

/** As `lowerToOnnx`, before the model becomes bytes; it shares the weights. */
export function lowerToModel(graph: LoweredGraph): {
  readonly model: ModelProto;
  readonly inputs: readonly string[];
  /** The outputs as they were written, after rewriting. */
  readonly lowered: readonly Value[];
} {
  if (Object.keys(graph.outputs).length === 0)
    throw new ParameterError('outputs', 'at least one value', 'none');
  const { weights = new Map<string, Tensor>(), channelBlock } = graph;
  const outputs =
    channelBlock === undefined
      ? splitConvolutions(
          writeWeightGradients(graph.outputs, () => false),
          weights,
        )
      : blockConvolutions(graph.outputs, channelBlock, weights);
  const entries = Object.entries(outputs);
  const emitter = new OnnxEmitter(weights);
  const names = new Map<Value, string>();
  for (const node of topologicalOrder(entries.map(([, value]) => value))) {
    const inputs = node.inputs.map((value) => names.get(value)!);
    names.set(node, node.operator.lower(emitter, inputs, node));
  }
  const model = emitter.model(
    Object.fromEntries(
      entries.map(([name, value]) => [name, { value: names.get(value)!, type: value }]),
    ),
  );
  return { model, inputs: emitter.inputs, lowered: Object.values(outputs) };
}

/** Compiles an ONNX model, runs it once and gives its outputs. */
export type RunModel = (
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
) => Promise<Readonly<Record<string, Tensor>>>;

const CHANNELS = 64;

/**
 * Channels of a block on the processor and runtime that `run` uses, for `lowerToOnnx`; undefined
 * where they have no blocked convolutions. Learnt from how an image comes back, since the runtime
 * does not tell.
 */
export async function findChannelBlock(run: RunModel): Promise<number | undefined> {
  const width = 2;
  const x = input('x', [1, CHANNELS, 1, width]);
  const { bytes } = lowerToOnnx({ outputs: { y: blockChannels(x) } });
  const places = tensor(
    x.shape,
    Float32Array.from({ length: CHANNELS * width }, (_, place) => place),
  );
  let data: Float32Array;
  try {
    data = (await run(bytes, { x: places })).y!.data;
  } catch {
    // A runtime without these operators refuses the graph, each in words of its own.
    return undefined;
  }
  // The second pixel of the first channel follows the first pixels of a whole block.
  const block = data.indexOf(1);
  const known = Float32Array.from({ length: data.length }, (_, place) => {
    const channel = place % block;
    const pixel = Math.floor(place / block) % width;
    return (Math.floor(place / (block * width)) * block + channel) * width + pixel;
  });
  const understood = block > 1 && known.every((value, place) => value === data[place]);
  return understood ? block : undefined;
}
