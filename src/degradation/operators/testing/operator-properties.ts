import { expect } from 'vitest';
import { fillNormal } from '../../../tensor/random.js';
import { sizeOf, type Tensor, typedTensor } from '../../../tensor/tensor.js';
import type { ForwardOperator, ImageSize } from '../forward-operator.js';

/** A double-precision image of normal deviates; 2 channels where the operator takes any number. */
export function normalImage(size: ImageSize, seed: number): Tensor<'float64'> {
  const shape = [size.channels ?? 2, size.height, size.width];
  const data = new Float64Array(sizeOf(shape));
  fillNormal(data, seed, 0);
  return typedTensor('float64', shape, data);
}

export function dot({ data: a }: Tensor<'float64'>, { data: b }: Tensor<'float64'>): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((worst, value, at) => Math.max(worst, Math.abs(value - b[at]!)), 0);
}

/** <A x, y> = <x, A^T y>, relative to the lengths of x and y. */
export function expectAdjoint(operator: ForwardOperator): void {
  const x = normalImage(operator.input, 1);
  const y = normalImage(operator.output, 2);
  const difference = dot(operator.apply(x), y) - dot(x, operator.adjoint(y));
  expect(Math.abs(difference)).toBeLessThan(1e-12 * Math.sqrt(dot(x, x) * dot(y, y)));
}

/** (A A^T + lambda I) solve(r, lambda) = r for an r in the range of A. */
export function expectSolves(operator: ForwardOperator, lambda: number, tolerance: number): void {
  const right = operator.apply(normalImage(operator.input, 3));
  const solved = operator.solve(right, lambda);
  const back = operator.apply(operator.adjoint(solved)).data;
  const sum = back.map((value, at) => value + lambda * solved.data[at]!);
  expect(largestDifference(sum, right.data)).toBeLessThan(tolerance);
}
