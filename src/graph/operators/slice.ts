import { ParameterError } from '../../tensor/errors.js';
import { normalizeAxis, withExtent } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

interface SliceAttributes {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

const operator: Operator<SliceAttributes> = {
  name: 'slice',
  infer: ([x], { axis, start, end, step }) => {
    const extent = x!.shape[axis]!;
    const whole = [start, end, step].every(Number.isInteger);
    if (!(whole && start >= 0 && start < end && end <= extent && step >= 1))
      throw new ParameterError('slice', `integers 0 <= start < end <= ${extent}, step >= 1`, [
        start,
        end,
        step,
      ]);
    const shape = withExtent(x!.shape, axis, Math.ceil((end - start) / step));
    return { shape, dataType: x!.dataType };
  },
  lower: (emitter, [x], { attributes: { axis, start, end, step } }) =>
    emitter.node('Slice', [
      x!,
      emitter.ints([start]),
      emitter.ints([end]),
      emitter.ints([axis]),
      emitter.ints([step]),
    ]),
  gradient: ({ inputs: [x], attributes, shape }, upstream, operators) => {
    const { axis, start, step } = attributes;
    const extent = x!.shape[axis]!;
    const count = shape[axis]!;
    let spread = upstream;
    if (step > 1) {
      const apart = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
      const padding = apart.map((_, index) => [0, index === axis + 1 ? step - 1 : 0] as const);
      spread = operators.reshape(
        operators.pad(operators.reshape(upstream, apart), padding),
        withExtent(shape, axis, count * step),
      );
    }
    const excess = start + count * step - extent;
    if (excess > 0) spread = operators.slice(spread, axis, 0, count * step - excess);
    const padding = x!.shape.map(
      (_, index) => (index === axis ? [start, Math.max(0, -excess)] : [0, 0]) as [number, number],
    );
    return [operators.pad(spread, padding)];
  },
};

/** Every `step`-th element of x from `start` up to, not including, `end` along one axis. */
export function slice(x: Value, axis: number, start: number, end: number, step = 1): Value {
  const normalized = normalizeAxis('slice', axis, x.shape.length);
  return apply(operator, [x], { axis: normalized, start, end, step });
}
