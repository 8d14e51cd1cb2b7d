import { type Value, constant, matmul, transpose } from '../../../graph/index.js';
import type { Tensor } from '../../../tensor/tensor.js';
import { antialiasedWeights, poolingWeights } from './axis-weights.js';

/** The means of [N, C, H, W] over a grid of `size` cells, as PyTorch's adaptive pooling. */
export function adaptiveMean(x: Value, size: readonly [number, number]): Value {
  return resampled(x, size, poolingWeights);
}

/**
 * Pictures [N, 3, H, W] of which the shorter side has `side` pixels, by antialiased linear
 * interpolation; the longer one keeps the proportion, rounded down.
 */
export function withShorterSide(x: Value, side: number): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  const shorter = Math.min(height, width);
  const scaled = (extent: number) =>
    extent === shorter ? side : Math.floor((side * extent) / shorter);
  return resampled(x, [scaled(height), scaled(width)], antialiasedWeights);
}

/** Weights per axis, as products with matrices; the axis that is not changed costs nothing. */
function resampled(
  x: Value,
  size: readonly [number, number],
  weights: (from: number, to: number) => Tensor,
): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  const matrix = (from: number, to: number): Value => constant(weights(from, to));
  const across = width === size[1] ? x : matmul(x, transpose(matrix(width, size[1]), [1, 0]));
  return height === size[0] ? across : matmul(matrix(height, size[0]), across);
}
