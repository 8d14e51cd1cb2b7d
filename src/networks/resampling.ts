import { constant, matmul, transpose, type Value } from '../graph/index.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';

/** The means of [N, C, H, W] over a grid of `size` cells, as PyTorch's adaptive pooling. */
export function adaptiveMean(x: Value, size: readonly [number, number]): Value {
  return resampled(x, size, poolingWeights);
}

/**
 * Images [N, 3, H, W] of which the shorter side has `side` pixels, by antialiased linear
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

/**
 * Weights [to, from] of adaptive average pooling: index i is the mean of the samples from
 * floor(i from / to) up to, not including, ceil((i + 1) from / to).
 */
export function poolingWeights(from: number, to: number): Tensor {
  return weights(from, to, (index) => {
    const start = Math.floor((index * from) / to);
    const end = Math.ceil(((index + 1) * from) / to);
    return span(start, end).map((sample) => [sample, 1]);
  });
}

/** Weight of a sample by its distance, in samples or, with antialiasing, in the result's pixels. */
type Kernel = (distance: number) => number;

/** Keys's cubic convolution (1981) with PyTorch's slope of -0.75. */
export const cubic: Kernel = (distance) => {
  const x = Math.abs(distance);
  if (x >= 2) return 0;
  if (x >= 1) return -0.75 * (((x - 5) * x + 8) * x - 4);
  return (1.25 * x - 2.25) * x * x + 1;
};

/** Linear interpolation. */
export const triangle: Kernel = (distance) => Math.max(0, 1 - Math.abs(distance));

/**
 * Weights [to, from] of interpolation between pixel centres; the outermost samples are repeated
 * beyond the borders.
 * @param options.reach distance at which the kernel ends.
 * @param options.antialias makes the kernel as many times wider as the result is smaller.
 */
export function interpolationWeights(
  from: number,
  to: number,
  kernel: Kernel,
  { reach, antialias }: { readonly reach: number; readonly antialias: boolean },
): Tensor {
  const step = from / to;
  const stretch = antialias ? Math.max(step, 1) : 1;
  return weights(from, to, (index) => {
    const centre = (index + 0.5) * step - 0.5;
    const first = Math.ceil(centre - reach * stretch);
    const last = Math.floor(centre + reach * stretch);
    return span(first, last + 1).map((sample) => [
      Math.min(Math.max(sample, 0), from - 1),
      kernel((sample - centre) / stretch),
    ]);
  });
}

/**
 * Weights [to, from] of linear interpolation between pixel centres with a kernel as wide as a
 * result's pixel where the result is smaller (antialiasing).
 */
export function antialiasedWeights(from: number, to: number): Tensor {
  const ratio = from / to;
  const reach = Math.max(ratio, 1);
  return weights(from, to, (index) => {
    const centre = (index + 0.5) * ratio;
    const start = Math.max(Math.floor(centre - reach + 0.5), 0);
    const end = Math.min(Math.floor(centre + reach + 0.5), from);
    return span(start, end).map((sample) => [
      sample,
      Math.max(0, 1 - Math.abs(sample + 0.5 - centre) / reach),
    ]);
  });
}

/** Rows of the given samples and weights, each row of sum 1. */
function weights(
  from: number,
  to: number,
  row: (index: number) => (readonly [sample: number, weight: number])[],
): Tensor {
  for (const extent of [from, to])
    if (!(Number.isInteger(extent) && extent >= 1))
      throw new ParameterError('extent of an axis', 'a positive integer', extent);
  const matrix = new Float32Array(to * from);
  for (let index = 0; index < to; index += 1) {
    const terms = row(index);
    const total = terms.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [sample, weight] of terms) matrix[index * from + sample]! += weight / total;
  }
  return tensor([to, from], matrix);
}

function span(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}
