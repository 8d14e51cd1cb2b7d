import type { WeightGradient } from '../operators/conv2d-weight-gradient.js';
import { apply, topologicalOrder, type Value } from '../value.js';
import { weightGradientProducts } from './weight-gradient-products.js';

/**
 * The same outputs with the gradients of kernels as matrix products.
 * @param left tells which ones stay as they are.
 */
export function writeWeightGradients<Outputs extends Readonly<Record<string, Value>>>(
  outputs: Outputs,
  left: (node: Value<WeightGradient>) => boolean,
): Record<keyof Outputs, Value> {
  const rewritten = new Map<Value, Value>();
  const now = (value: Value): Value => rewritten.get(value) ?? value;
  for (const node of topologicalOrder(Object.values(outputs))) {
    const moved = node.inputs.some((value) => now(value) !== value)
      ? apply(node.operator, node.inputs.map(now), node.attributes)
      : node;
    const written =
      node.operator.name === 'conv2dWeightGradient' && !left(node as Value<WeightGradient>)
        ? weightGradientProducts(moved as Value<WeightGradient>)
        : moved;
    if (written !== node) rewritten.set(node, written);
  }
  const entries = Object.entries(outputs).map(([name, value]) => [name, now(value)]);
  return Object.fromEntries(entries) as Record<keyof Outputs, Value>;
}
