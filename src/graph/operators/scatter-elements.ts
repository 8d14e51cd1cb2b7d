import { ParameterError } from '../../tensor/errors.js';
import { normalizeAxis, requireFloat, requirePositiveIntegers, withExtent } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

interface ScatterAttributes {
  readonly axis: number;
  readonly extent: number;
}

const operator: Operator<ScatterAttributes> = {
  name: 'scatterElements',
  infer: ([x, indices], { axis, extent }) => {
    requireFloat('scatterElements', x!);
    requirePositiveIntegers('scatterElements extent', [extent]);
    if (indices!.dataType !== 'int64')
      throw new ParameterError('scatterElements indices', 'an int64 value', indices!.dataType);
    if (indices!.shape.join() !== x!.shape.join())
      throw new ParameterError('scatterElements indices', `shape [${x!.shape}]`, indices!.shape);
    return { shape: withExtent(x!.shape, axis, extent), dataType: 'float32' };
  },
  lower: (emitter, [x, indices], { shape, attributes: { axis } }) => {
    const zeros = emitter.node('ConstantOfShape', [emitter.ints(shape)]);
    return emitter.node('ScatterElements', [zeros, indices!, x!], {
      axis: { int: axis },
      reduction: { text: 'add' },
    });
  },
  gradient: ({ inputs: [, indices], attributes: { axis } }, upstream, { gatherElements }) => [
    gatherElements(upstream, axis, indices!),
    undefined,
  ],
};

/**
 * Zeros of `extent` along one axis to which every element of x is added at the place that
 * `indices`, of the shape of x, gives for it: the adjoint of `gatherElements`.
 * @throws ParameterError where the indices are no int64 or of another shape.
 */
export function scatterElements(x: Value, axis: number, indices: Value, extent: number): Value {
  const normalized = normalizeAxis('scatterElements', axis, x.shape.length);
  return apply(operator, [x, indices], { axis: normalized, extent });
}
