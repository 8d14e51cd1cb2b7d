import { ParameterError } from '../../tensor/errors.js';
import { apply, type Operator, type Value } from '../value.js';

const operator: Operator<{ readonly permutation: readonly number[] }> = {
  name: 'transpose',
  infer: ([x], { permutation }) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (sorted.length !== x!.shape.length || sorted.some((axis, index) => axis !== index))
      throw new ParameterError('transpose', `an order of ${x!.shape.length} axes`, permutation);
    return { shape: permutation.map((axis) => x!.shape[axis]!), dataType: x!.dataType };
  },
  lower: (emitter, inputs, { attributes: { permutation } }) =>
    emitter.node('Transpose', inputs, { perm: { ints: permutation } }),
  gradient: ({ attributes: { permutation } }, upstream, { transpose }) => [
    transpose(
      upstream,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
};

/** x with its axes in another order: axis i of the result is axis `permutation[i]` of x. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  return apply(operator, [x], { permutation });
}
