import { ParameterError } from '../../tensor/errors.js';
import { sizeOf } from '../../tensor/tensor.js';
import { requirePositiveIntegers } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

const operator: Operator<{ readonly shape: readonly number[] }> = {
  name: 'reshape',
  infer: ([x], { shape }) => {
    requirePositiveIntegers('reshape shape', shape);
    if (sizeOf(shape) !== sizeOf(x!.shape))
      throw new ParameterError('reshape shape', `${sizeOf(x!.shape)} elements`, shape);
    return { shape, dataType: x!.dataType };
  },
  lower: (emitter, [x], { shape }) => emitter.node('Reshape', [x!, emitter.ints(shape)]),
  gradient: ({ inputs: [x] }, upstream, { reshape }) => [reshape(upstream, x!.shape)],
};

/** The same elements in row-major order under another shape. */
export function reshape(x: Value, shape: readonly number[]): Value {
  return apply(operator, [x], { shape });
}
