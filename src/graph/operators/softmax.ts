import { requireFloat } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

const operator: Operator<null> = {
  name: 'softmax',
  infer: ([x]) => {
    requireFloat('softmax', x!);
    return { shape: x!.shape, dataType: 'float32' };
  },
  lower: (emitter, inputs) => emitter.node('Softmax', inputs, { axis: { int: -1 } }),
  gradient: (node, upstream, { mul, reduceSum, sub }) => [
    mul(node, sub(upstream, reduceSum(mul(node, upstream), [-1]))),
  ],
};

/** exp(x) normalised to sum 1 over the last axis. */
export function softmax(x: Value): Value {
  return apply(operator, [x], null);
}
