import { expect } from 'vitest';
import { sizeOf, type Tensor, tensor } from '../../tensor/tensor.js';

/** A tensor whose element at each index is `element(index)`. */
export function filled(shape: readonly number[], element: (...index: number[]) => number): Tensor {
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, place) => {
    let rest = place;
    const index: number[] = [];
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      index.unshift(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    return element(...index);
  });
  return tensor(shape, data);
}

/** The element at an index; 0 outside the tensor. */
export function at(value: Tensor, ...index: number[]): number {
  let place = 0;
  for (const [axis, extent] of value.shape.entries()) {
    const step = index[axis]!;
    if (step < 0 || step >= extent) return 0;
    place = place * extent + step;
  }
  return value.data[place]!;
}

/**
 * Reproducible values spread over [low, high), multiples of 2^-10, none within `gap` of 0 or of
 * each other's neighbourhood: see `distinct` for the latter.
 */
export function sample(
  shape: readonly number[],
  seed = 1,
  { low = -1, high = 1, gap = 0 } = {},
): Tensor {
  let state = Math.imul(seed, 0x9e3779b9) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let warm = 0; warm < 8; warm += 1) next();
  return filled(shape, () => {
    for (;;) {
      const value = Math.floor((low + (high - low) * next()) * 1024) / 1024;
      if (Math.abs(value) >= gap) return value;
    }
  });
}

/** A reproducible order of values that lie `gap` apart from each other: maxima without ties. */
export function distinct(shape: readonly number[], seed = 1, gap = 0.25): Tensor {
  const keys = sample(shape, seed).data;
  const order = Array.from(keys, (_, place) => place).sort((a, b) => keys[a]! - keys[b]!);
  const data = new Float32Array(keys.length);
  for (const [rank, place] of order.entries()) data[place] = (rank - order.length / 2) * gap;
  return tensor(shape, data);
}

/** Expects equal shapes and elements within `tolerance` times the largest expected magnitude or 1. */
export function expectClose(actual: Tensor, expected: Tensor, tolerance = 1e-6): void {
  expect(actual.shape).toEqual(expected.shape);
  const scale = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  for (const [place, value] of expected.data.entries()) {
    const error = Math.abs(actual.data[place]! - value);
    if (!(error <= tolerance * scale))
      expect.fail(`element ${place} is ${actual.data[place]}, expected ${value}`);
  }
}
