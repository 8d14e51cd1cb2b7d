import { ParameterError } from '../../tensor/errors.js';
import { typedTensor } from '../../tensor/tensor.js';
import {
  normalizeAxis,
  requireFloat,
  requireIndices,
  requirePositiveIntegers,
  withExtent,
} from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

interface ScatterAttributes {
  readonly axis: number;
  readonly indices: readonly number[];
  readonly extent: number;
}

const operator: Operator<ScatterAttributes> = {
  name: 'scatterAdd',
  infer: ([x], { axis, indices, extent }) => {
    requireFloat('scatterAdd', x!);
    requirePositiveIntegers('scatterAdd extent', [extent]);
    requireIndices('scatterAdd', indices, extent);
    if (indices.length !== x!.shape[axis])
      throw new ParameterError('scatterAdd indices', `${x!.shape[axis]} of them`, indices.length);
    return { shape: withExtent(x!.shape, axis, extent), dataType: 'float32' };
  },
  lower: (emitter, [x], node) => {
    const { axis, indices } = node.attributes;
    const along = node.shape.map((_, index) => (index === axis ? indices.length : 1));
    const places = emitter.constant(
      typedTensor(
        'int64',
        along,
        BigInt64Array.from(indices, (index) => BigInt(index)),
      ),
    );
    const all = emitter.node('Expand', [places, emitter.ints(node.inputs[0]!.shape)]);
    const zeros = emitter.node('ConstantOfShape', [emitter.ints(node.shape)]);
    return emitter.node('ScatterElements', [zeros, all, x!], {
      axis: { int: axis },
      reduction: { text: 'add' },
    });
  },
  gradient: ({ attributes: { axis, indices } }, upstream, operators) => [
    operators.gather(upstream, axis, indices),
  ],
};

/** Zeros of `extent` along one axis to which slice i of x is added at `indices[i]`: the adjoint of `gather`. */
export function scatterAdd(
  x: Value,
  axis: number,
  indices: readonly number[],
  extent: number,
): Value {
  const normalized = normalizeAxis('scatterAdd', axis, x.shape.length);
  return apply(operator, [x], { axis: normalized, indices, extent });
}
