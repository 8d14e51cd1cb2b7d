import { normalizeAxis, requireIndices, withExtent } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

interface GatherAttributes {
  readonly axis: number;
  readonly indices: readonly number[];
}

const operator: Operator<GatherAttributes> = {
  name: 'gather',
  infer: ([x], { axis, indices }) => {
    requireIndices('gather', indices, x!.shape[axis]!);
    return { shape: withExtent(x!.shape, axis, indices.length), dataType: x!.dataType };
  },
  lower: (emitter, [x], { attributes: { axis, indices } }) =>
    emitter.node('Gather', [x!, emitter.ints(indices)], { axis: { int: axis } }),
  gradient: ({ inputs: [x], attributes: { axis, indices } }, upstream, { scatterAdd }) => [
    scatterAdd(upstream, axis, indices, x!.shape[axis]!),
  ],
};

/** The elements of x at fixed `indices` along one axis. */
export function gather(x: Value, axis: number, indices: readonly number[]): Value {
  return apply(operator, [x], { axis: normalizeAxis('gather', axis, x.shape.length), indices });
}
