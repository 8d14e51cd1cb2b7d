import type { WeightGradient } from '../operators/conv2d-weight-gradient.js';
import { rewriteGraph } from '../rewrite-graph.js';
import type { Value } from '../value.js';
import { weightGradientProducts } from './weight-gradient-products.js';

/**
 * The same outputs with the gradients of kernels as matrix products.
 * @param left tells which ones stay as they are.
 */
export function writeWeightGradients<Outputs extends Readonly<Record<string, Value>>>(
  outputs: Outputs,
  left: (node: Value<WeightGradient>) => boolean,
): Record<keyof Outputs, Value> {
  return rewriteGraph(outputs, (node, now) => {
    if (node.operator.name !== 'conv2dWeightGradient') return undefined;
    const gradient = node as Value<WeightGradient>;
    return left(gradient)
      ? undefined
      : weightGradientProducts({ ...gradient, inputs: gradient.inputs.map(now) });
  });
}
