import { sizeOf } from '../../tensor/tensor.js';
import { scalar } from '../leaves.js';
import { normalizeAxis } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import type { Operators } from './index.js';
import { reshape } from './layout.js';

interface ReductionAttributes {
  readonly axes: readonly number[];
  readonly keepDimensions: boolean;
}

/** A reduction over axes; `gradient` gets and gives values with the reduced axes kept as 1. */
function defineReduction(
  name: string,
  onnxName: string,
  gradient: (kept: { x: Value; result: Value; upstream: Value }, operators: Operators) => Value,
): (x: Value, axes: readonly number[], keepDimensions?: boolean) => Value {
  const operator: Operator<ReductionAttributes> = {
    name,
    infer: ([x], { axes, keepDimensions }) => ({
      shape: keepDimensions
        ? keptShape(x!.shape, axes)
        : x!.shape.filter((_, axis) => !axes.includes(axis)),
      dataType: x!.dataType,
    }),
    lower: (emitter, [x], { attributes: { axes, keepDimensions } }) => {
      // ONNX takes no axes for all of them.
      if (axes.length === 0) return x!;
      const keepdims = { int: keepDimensions ? 1 : 0 };
      return emitter.node(onnxName, [x!, emitter.ints(axes)], { keepdims });
    },
    gradient: (node, upstream, operators) => {
      const x = node.inputs[0]!;
      const kept = keptShape(x.shape, node.attributes.axes);
      const keep = (value: Value): Value =>
        value.shape.join() === kept.join() ? value : operators.reshape(value, kept);
      return [gradient({ x, result: keep(node), upstream: keep(upstream) }, operators)];
    },
  };
  return (x, axes, keepDimensions = true) =>
    apply(operator, [x], {
      axes: [...new Set(axes.map((axis) => normalizeAxis(name, axis, x.shape.length)))],
      keepDimensions,
    });
}

function keptShape(shape: readonly number[], axes: readonly number[]): number[] {
  return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

/** Sums over axes. */
export const reduceSum = defineReduction('reduceSum', 'ReduceSum', ({ x, upstream }, { expand }) =>
  expand(upstream, x.shape),
);

/** Means over axes. */
export const reduceMean = defineReduction(
  'reduceMean',
  'ReduceMean',
  ({ x, result, upstream }, { expand, mul }) =>
    expand(mul(upstream, scalar(sizeOf(result.shape) / sizeOf(x.shape))), x.shape),
);

/** Largest elements over axes; equal maxima share the gradient evenly. */
export const reduceMax = defineReduction(
  'reduceMax',
  'ReduceMax',
  ({ x, result, upstream }, { cast, div, equal, mul, sumTo }) => {
    const winners = cast(equal(x, result), 'float32');
    return mul(winners, div(upstream, sumTo(winners, result.shape)));
  },
);

/** The adjoint of broadcasting: x summed over the axes along which `shape` was repeated. */
export function sumTo(x: Value, shape: readonly number[]): Value {
  if (x.shape.join() === shape.join()) return x;
  const added = x.shape.length - shape.length;
  const axes = x.shape
    .map((extent, axis) => (axis < added || (shape[axis - added] === 1 && extent > 1) ? axis : -1))
    .filter((axis) => axis >= 0);
  const summed = axes.length === 0 ? x : reduceSum(x, axes);
  return summed.shape.join() === shape.join() ? summed : reshape(summed, shape);
}
