import { type ParameterScope, type Value, add, concat, conv2d, gelu, matmul, mul, reshape, scalar, sigmoid, slice, sqrt, sub } from '../../../graph/index.js';
import { convolution, defaultInitial } from '../../layers.js';
import { adaptiveMean } from './resampling.js';

/** Features between the layers that weigh a place. */
const HIDDEN = 64;

/**
 * Features [N, C, H, W] of pictures alone, gated and weighted per place (no-reference pooling):
 * gelu(A x) w(B x), where A and B are 1x1 convolutions and w is one number per place.
 */
export function gatedFeatures(
  scope: ParameterScope,
  x: Value,
  size: readonly [number, number],
): Value {
  const channels = x.shape[1]!;
  const split = scope.child('splitconv');
  const initial = defaultInitial(channels);
  const kernels = split.parameter('weight', [2 * channels, channels, 1, 1], initial);
  const bias = split.parameter('bias', [2 * channels], initial);
  const part = (value: Value, index: number): Value =>
    slice(value, 0, index * channels, (index + 1) * channels);
  const gated = gelu(conv2d(x, part(kernels, 0), part(bias, 0)));

  // No activation lies between B and the first layer of w, so that the two are one convolution.
  const block = scope.child('weight_blk');
  const first = block.child('0');
  const narrow = first.parameter('weight', [HIDDEN, channels, 1, 1], initial);
  const flat = reshape(narrow, [HIDDEN, channels]);
  const joined = matmul(flat, reshape(part(kernels, 1), [channels, channels]));
  const carried = reshape(matmul(flat, reshape(part(bias, 1), [channels, 1])), [HIDDEN]);
  const offset = add(carried, first.parameter('bias', [HIDDEN], initial));
  const hidden = conv2d(x, reshape(joined, [HIDDEN, channels, 1, 1]), offset);
  return pooled(mul(gated, placeWeights(block, hidden)), size);
}

/** Keeps the root of a difference away from zero. */
const EPSILON = 1e-12;

/**
 * Features [N, 3 C, ...] of pictures, of their references and of the distance between both, all
 * weighted per place by the distance (full-reference pooling).
 */
export function comparedFeatures(
  scope: ParameterScope,
  x: Value,
  reference: Value,
  size: readonly [number, number],
): Value {
  const apart = sub(x, reference);
  const distance = sqrt(add(mul(apart, apart), scalar(EPSILON)));
  const first = convolution(scope.child('0'), distance, { filters: HIDDEN, kernel: 1 });
  const weights = placeWeights(scope, first);
  return concat(
    [x, reference, distance].map((part) => pooled(mul(part, weights), size)),
    1,
  );
}

/** Weights [N, 1, H, W] in (0, 1) by the layers after the first. */
function placeWeights(scope: ParameterScope, first: Value): Value {
  const second = convolution(scope.child('2'), gelu(first), { filters: HIDDEN });
  return sigmoid(convolution(scope.child('4'), gelu(second), { filters: 1 }));
}

/** Means over a grid of `size`; what is not larger both ways stays as it is. */
function pooled(x: Value, size: readonly [number, number]): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  return height > size[0] && width > size[1] ? adaptiveMean(x, size) : x;
}
