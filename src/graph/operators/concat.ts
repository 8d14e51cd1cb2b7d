import { ParameterError } from '../../tensor/errors.js';
import { normalizeAxis, withExtent } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

const operator: Operator<{ readonly axis: number }> = {
  name: 'concat',
  infer: (inputs, { axis }) => {
    const first = inputs[0]!;
    for (const value of inputs)
      if (
        value.dataType !== first.dataType ||
        withExtent(value.shape, axis, 0).join() !== withExtent(first.shape, axis, 0).join()
      )
        throw new ParameterError(
          'concat',
          `${first.dataType} values shaped like [${first.shape}] but for axis ${axis}`,
          value.shape,
        );
    const extent = inputs.reduce((sum, value) => sum + value.shape[axis]!, 0);
    return { shape: withExtent(first.shape, axis, extent), dataType: first.dataType };
  },
  lower: (emitter, inputs, { attributes: { axis } }) =>
    emitter.node('Concat', inputs, { axis: { int: axis } }),
  gradient: ({ inputs, attributes: { axis } }, upstream, { slice }) => {
    let start = 0;
    return inputs.map((value) => {
      const end = start + value.shape[axis]!;
      const part = slice(upstream, axis, start, end);
      start = end;
      return part;
    });
  },
};

/** The values one after another along one axis. */
export function concat(values: readonly Value[], axis: number): Value {
  const first = values[0];
  if (first === undefined) throw new ParameterError('concat', 'at least one value', 'none');
  if (values.length === 1) return first;
  return apply(operator, values, { axis: normalizeAxis('concat', axis, first.shape.length) });
}
