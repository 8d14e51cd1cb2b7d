import { normalizeAxis } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

const BEFORE_FIRST = -(2 ** 31);

const operator: Operator<{ readonly axis: number }> = {
  name: 'flip',
  infer: ([x]) => ({ shape: x!.shape, dataType: x!.dataType }),
  lower: (emitter, [x], { attributes: { axis } }) =>
    emitter.node('Slice', [
      x!,
      emitter.ints([-1]),
      emitter.ints([BEFORE_FIRST]),
      emitter.ints([axis]),
      emitter.ints([-1]),
    ]),
  gradient: ({ attributes: { axis } }, upstream, { flip }) => [flip(upstream, axis)],
};

/** x with the order along one axis reversed. */
export function flip(x: Value, axis: number): Value {
  return apply(operator, [x], { axis: normalizeAxis('flip', axis, x.shape.length) });
}
