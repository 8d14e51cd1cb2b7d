import { typedTensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import {
  normalizeAxis,
  requireFloat,
  requireIndices,
  requirePositiveIntegers,
  withExtent,
} from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

interface GatherAttributes {
  readonly axis: number;
  readonly indices: readonly number[];
}

const gatherOperator: Operator<GatherAttributes> = {
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
  return apply(gatherOperator, [x], {
    axis: normalizeAxis('gather', axis, x.shape.length),
    indices,
  });
}

const gatherElementsOperator: Operator<{ readonly axis: number }> = {
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
  return apply(gatherElementsOperator, [x, indices], { axis: normalized });
}

interface ScatterElementsAttributes {
  readonly axis: number;
  readonly extent: number;
}

const scatterElementsOperator: Operator<ScatterElementsAttributes> = {
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
  return apply(scatterElementsOperator, [x, indices], { axis: normalized, extent });
}

interface ScatterAddAttributes {
  readonly axis: number;
  readonly indices: readonly number[];
  readonly extent: number;
}

const scatterAddOperator: Operator<ScatterAddAttributes> = {
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
  return apply(scatterAddOperator, [x], { axis: normalized, indices, extent });
}
