import { ParameterError } from '../tensor/errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { OnnxEmitter } from './onnx-emitter.js';
import { splitConvolutions } from './split-convolutions.js';
import { topologicalOrder, type Value } from './value.js';

/** A graph in ONNX form. */
export interface OnnxModel {
  readonly bytes: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Writes a graph as an ONNX model.
 *
 * Parameters found in `weights` become constants of the model; the others, and every `input`,
 * become its inputs.
 * @throws ModelError where weights do not fit their parameter, or two inputs, parameters or
 * outputs have one name; ParameterError where there are no outputs.
 */
export function lowerToOnnx(graph: {
  readonly outputs: Readonly<Record<string, Value>>;
  readonly weights?: ReadonlyMap<string, Tensor>;
}): OnnxModel {
  if (Object.keys(graph.outputs).length === 0)
    throw new ParameterError('outputs', 'at least one value', 'none');
  const entries = Object.entries(splitConvolutions(graph.outputs, graph.weights ?? new Map()));
  const emitter = new OnnxEmitter(graph.weights);
  const names = new Map<Value, string>();
  for (const node of topologicalOrder(entries.map(([, value]) => value))) {
    const inputs = node.inputs.map((value) => names.get(value)!);
    names.set(node, node.operator.lower(emitter, inputs, node));
  }
  const bytes = emitter.finish(
    Object.fromEntries(
      entries.map(([name, value]) => [name, { value: names.get(value)!, type: value }]),
    ),
  );
  return { bytes, inputs: emitter.inputs, outputs: Object.keys(graph.outputs) };
}
