import { normalizeAxis } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import type { Operators } from './index.js';

interface ReductionAttributes {
  readonly axes: readonly number[];
  readonly keepDimensions: boolean;
}

/** A reduction over axes; `gradient` gets and gives values with the reduced axes kept as 1. */
export function defineReduction(
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
