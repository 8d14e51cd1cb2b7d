import { ParameterError } from '../../tensor/errors.js';
import { sizeOf } from '../../tensor/tensor.js';
import { scalar } from '../leaves.js';
import * as operators from '../operators/index.js';
import { topologicalOrder, type Value } from '../value.js';

/**
 * Reverse-mode derivatives of a scalar with respect to each of `variables`, as values of the
 * same graph. A variable that the loss does not depend on gets zeros.
 * @throws ParameterError where the loss is no scalar, or an operator on the way has no gradient.
 */
export function gradients(loss: Value, variables: readonly Value[]): Value[] {
  if (sizeOf(loss.shape) !== 1) throw new ParameterError('loss', 'one element', loss.shape);
  const order = topologicalOrder([loss]);
  const needed = new Set<Value>(variables);
  for (const node of order) if (node.inputs.some((value) => needed.has(value))) needed.add(node);

  const upstream = new Map<Value, Value>([[loss, operators.expand(scalar(1), loss.shape)]]);
  for (const node of order.reverse()) {
    const arriving = upstream.get(node);
    if (arriving === undefined || !node.inputs.some((value) => needed.has(value))) continue;
    if (node.operator.gradient === undefined)
      throw new ParameterError('loss', 'differentiable operators', node.operator.name);
    const leaving = node.operator.gradient(node, arriving, operators);
    node.inputs.forEach((value, index) => {
      const gradient = leaving[index];
      if (gradient === undefined || !needed.has(value)) return;
      const before = upstream.get(value);
      upstream.set(value, before === undefined ? gradient : operators.add(before, gradient));
    });
  }
  return variables.map((value) => upstream.get(value) ?? operators.expand(scalar(0), value.shape));
}
