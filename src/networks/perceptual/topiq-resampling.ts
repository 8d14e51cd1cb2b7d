import { constant, matmul, transpose, type Value } from '../../graph/index.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';

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
 * Weights [to, from] of adaptive average pooling: place i is the mean of the samples from
 * floor(i from / to) up to, not including, ceil((i + 1) from / to).
 */
export function poolingWeights(from: number, to: number): Tensor {
  return weights(from, to, (place) => {
    const start = Math.floor((place * from) / to);
    const end = Math.ceil(((place + 1) * from) / to);
    return span(start, end).map((sample) => [sample, 1]);
  });
}

/** The slope parameter of Keys's cubic convolution that PyTorch uses. */
const A = -0.75;

/**
 * Weights [to, from] of cubic interpolation (Keys, 1981) between pixel centres, without a wider
 * kernel where the result is smaller; the outermost samples go on beyond the borders.
 */
export function cubicWeights(from: number, to: number): Tensor {
  return weights(from, to, (place) => {
    const centre = ((place + 0.5) * from) / to - 0.5;
    const below = Math.floor(centre);
    return span(below - 1, below + 3).map((sample) => [
      Math.min(Math.max(sample, 0), from - 1),
      cubic(Math.abs(sample - centre)),
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
  return weights(from, to, (place) => {
    const centre = (place + 0.5) * ratio;
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
  row: (place: number) => (readonly [sample: number, weight: number])[],
): Tensor {
  for (const extent of [from, to])
    if (!(Number.isInteger(extent) && extent >= 1))
      throw new ParameterError('extent of an axis', 'a positive integer', extent);
  const matrix = new Float32Array(to * from);
  for (let place = 0; place < to; place += 1) {
    const terms = row(place);
    const total = terms.reduce((sum, [, weight]) => sum + weight, 0);
    const exact = new Map<number, number>();
    for (const [sample, weight] of terms)
      exact.set(sample, (exact.get(sample) ?? 0) + weight / total);
    for (const [sample, weight] of exact) matrix[place * from + sample] = weight;
  }
  return tensor([to, from], matrix);
}

function span(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

function cubic(distance: number): number {
  const x = distance;
  if (x <= 1) return (A + 2) * x ** 3 - (A + 3) * x ** 2 + 1;
  return x < 2 ? A * (x ** 3 - 5 * x ** 2 + 8 * x - 4) : 0;
}
