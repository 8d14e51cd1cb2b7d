import { ParameterError } from '../../tensor/errors.js';
import { broadcastShapes, requirePositiveIntegers } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

const operator: Operator<{ readonly shape: readonly number[] }> = {
  name: 'expand',
  infer: ([x], { shape }) => {
    requirePositiveIntegers('expand shape', shape);
    if (broadcastShapes('expand', x!.shape, shape).join() !== shape.join())
      throw new ParameterError('expand shape', `a shape that [${x!.shape}] broadcasts to`, shape);
    return { shape, dataType: x!.dataType };
  },
  lower: (emitter, [x], { shape }) => emitter.node('Expand', [x!, emitter.ints(shape)]),
  gradient: ({ inputs: [x] }, upstream, { sumTo }) => [sumTo(upstream, x!.shape)],
};

/** x broadcast to a shape. */
export function expand(x: Value, shape: readonly number[]): Value {
  return x.shape.join() === shape.join() ? x : apply(operator, [x], { shape });
}
