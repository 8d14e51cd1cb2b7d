import { toFloat32 } from '../tensor/half.js';
import type { DataType, Tensor } from '../tensor/tensor.js';
import type { ConformanceCase } from './case.js';
import type { Comparison } from './kind.js';

/**
 * Compares element by element.
 * @param tolerance on the largest absolute difference, given the largest absolute expected value.
 * @throws Error where the shapes differ.
 */
export function compareTensors(
  part: string,
  received: Tensor,
  expected: Tensor,
  tolerance: (largestExpected: number) => number,
): Comparison {
  if (received.shape.join() !== expected.shape.join())
    throw new Error(`${part}: expected shape [${expected.shape}], received [${received.shape}]`);
  let error = 0;
  let largest = 0;
  for (let index = 0; index < expected.data.length; index++) {
    const difference = Math.abs(received.data[index]! - expected.data[index]!);
    // Written so that NaN, which compares false, becomes the error.
    if (!(difference <= error)) error = difference;
    if (Number.isNaN(error)) break;
    largest = Math.max(largest, Math.abs(expected.data[index]!));
  }
  return { part, error, tolerance: tolerance(largest) };
}

/** Relative error of one number; absolute where zero is expected. */
export function compareNumbers(
  part: string,
  received: number,
  expected: number,
  tolerance: number,
): Comparison {
  if (received === expected) return { part, error: 0, tolerance };
  const scale = expected === 0 ? 1 : Math.abs(expected);
  return { part, error: Math.abs(received - expected) / scale, tolerance };
}

/** True where the error, NaN included, is within the tolerance. */
export function passes({ error, tolerance }: Comparison): boolean {
  return error <= tolerance;
}

/**
 * The comparison that comes nearest to failing, or fails worst.
 * @throws Error where there is none: a case that compares nothing proves nothing.
 */
export function worst(comparisons: readonly Comparison[]): Comparison {
  if (comparisons.length === 0) throw new Error('the case holds nothing to compare');
  return comparisons.reduce((a, b) => (share(b) > share(a) ? b : a));
}

function share({ error, tolerance }: Comparison): number {
  return Number.isNaN(error) ? Infinity : error / tolerance;
}

/**
 * A tensor of a case as float32.
 * @throws Error where the case lacks it.
 */
export function floatTensor({ tensors }: ConformanceCase, name: string): Tensor {
  const found: Tensor<DataType> | undefined = tensors.get(name);
  if (found === undefined) throw new Error(`the case has no tensor ${name}`);
  return toFloat32(found);
}
