import { ParameterError } from '../../tensor/errors.js';
import { normalizeAxis, withExtent } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

const operator: Operator<{ readonly axis: number }> = {
  name: 'gatherElements',
  infer: ([x, indices], { axis }) => {
    if (indices!.dataType !== 'int64')
      throw new ParameterError('gatherElements indices', 'an int64 value', indices!.dataType);
    if (withExtent(indices!.shape, axis, 0).join() !== withExtent(x!.shape, axis, 0).join())
      throw new ParameterError(
        'gatherElements indices',
        `a shape like [${x!.shape}] but for axis ${axis}`,
        indices!.shape,
      );
    return { shape: indices!.shape, dataType: x!.dataType };
  },
  lower: (emitter, inputs, { attributes: { axis } }) =>
    emitter.node('GatherElements', inputs, { axis: { int: axis } }),
  gradient: ({ inputs: [x, indices], attributes: { axis } }, upstream, { scatterElements }) => [
    scatterElements(upstream, axis, indices!, x!.shape[axis]!),
    undefined,
  ],
};

/**
 * For every element of `indices`, the element of x at that place of one axis and else at the same
 * places. The engine refuses an index beyond the axis when it runs.
 * @throws ParameterError where the indices are no int64 or shaped otherwise on another axis.
 */
export function gatherElements(x: Value, axis: number, indices: Value): Value {
  const normalized = normalizeAxis('gatherElements', axis, x.shape.length);
  return apply(operator, [x, indices], { axis: normalized });
}
