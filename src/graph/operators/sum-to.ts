import type { Value } from '../value.js';
import { reduceSum } from './reduce-sum.js';
import { reshape } from './reshape.js';

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
