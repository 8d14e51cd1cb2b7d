import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { scalar } from '../leaves.js';
import { requireFloat } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

const operator: Operator<Bounds> = {
  name: 'clip',
  infer: ([x], { minimum, maximum }) => {
    requireFloat('clip', x!);
    if (!(minimum <= maximum))
      throw new ParameterError('clip', 'minimum <= maximum', [minimum, maximum]);
    return { shape: x!.shape, dataType: 'float32' };
  },
  lower: (emitter, inputs, { attributes: { minimum, maximum } }) =>
    emitter.node('Clip', [
      ...inputs,
      emitter.constant(tensor([], [minimum])),
      emitter.constant(tensor([], [maximum])),
    ]),
  gradient: (node, upstream, { equal, where }) => [
    where(equal(node, node.inputs[0]!), upstream, scalar(0)),
  ],
};

/** x limited to [minimum, maximum]; beyond the bounds the gradient is 0. */
export function clip(x: Value, bounds: Bounds): Value {
  return apply(operator, [x], bounds);
}
