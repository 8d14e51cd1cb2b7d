import { ParameterError } from '../utils/errors.js';
import type { ValueType } from './value.js';

/**
 * Shape of an elementwise result under NumPy's broadcasting rule.
 * @throws ParameterError where two extents differ and neither is 1.
 */
export function broadcastShapes(
  operator: string,
  first: readonly number[],
  second: readonly number[],
): number[] {
  const rank = Math.max(first.length, second.length);
  return Array.from({ length: rank }, (_, axis) => {
    const a = first[axis - rank + first.length] ?? 1;
    const b = second[axis - rank + second.length] ?? 1;
    if (a !== b && a !== 1 && b !== 1)
      throw new ParameterError(operator, 'shapes that broadcast', `[${first}] and [${second}]`);
    return a === 1 ? b : a;
  });
}

/**
 * An axis counted from the front.
 * @throws ParameterError where the tensor has no such axis.
 */
export function normalizeAxis(operator: string, axis: number, rank: number): number {
  const normalized = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normalized < 0 || normalized >= rank)
    throw new ParameterError(`${operator} axis`, `an axis of a tensor of rank ${rank}`, axis);
  return normalized;
}

/** @throws ParameterError where `value` is not float32. */
export function requireFloat(operator: string, value: ValueType): void {
  if (value.dataType !== 'float32')
    throw new ParameterError(operator, 'a float32 value', value.dataType);
}

/** @throws ParameterError where `value` has another rank. */
export function requireRank(operator: string, value: ValueType, rank: number): void {
  if (value.shape.length !== rank)
    throw new ParameterError(operator, `a value of rank ${rank}`, value.shape);
}

/** @throws ParameterError where one of `values` is not a positive integer. */
export function requirePositiveIntegers(subject: string, values: readonly number[]): void {
  if (values.some((value) => !(Number.isInteger(value) && value >= 1)))
    throw new ParameterError(subject, 'positive integers', values);
}

/** @throws ParameterError where `indices` are none or one lies outside an axis of `extent` places. */
export function requireIndices(operator: string, indices: readonly number[], extent: number): void {
  const bad = indices.find((index) => !(Number.isInteger(index) && index >= 0 && index < extent));
  if (indices.length === 0 || bad !== undefined)
    throw new ParameterError(`${operator} indices`, `integers from 0 to ${extent - 1}`, bad ?? []);
}

/** `shape` with the extent of one axis replaced. */
export function withExtent(shape: readonly number[], axis: number, extent: number): number[] {
  return shape.map((old, index) => (index === axis ? extent : old));
}
