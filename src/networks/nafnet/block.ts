import { type ParameterScope, type Value, add, layerNorm, mul, reduceMean, slice, transpose } from '../../graph/index.js';
import { convolution } from '../layers.js';

/**
 * NAFNet's block on [N, C, H, W], without activation functions: a convolution part with a gate and
 * channel attention, then a gate between two pointwise convolutions, each added to its input by a
 * weight per channel, zero at first.
 */
export function nafnetBlock(scope: ParameterScope, x: Value): Value {
  const channels = x.shape[1]!;
  const share = (name: string): Value => scope.parameter(name, [1, channels, 1, 1]);
  const pointwise = (name: string, value: Value, filters: number): Value =>
    convolution(scope.child(name), value, { filters, kernel: 1 });

  const wide = pointwise('conv1', normalized(scope.child('norm1'), x), 2 * channels);
  const local = convolution(scope.child('conv2'), wide, {
    filters: 2 * channels,
    groups: 2 * channels,
  });
  const gated = gate(local);
  const attention = pointwise('sca.1', reduceMean(gated, [2, 3]), channels);
  const mixed = pointwise('conv3', mul(gated, attention), channels);
  const y = add(x, mul(mixed, share('beta')));

  const fed = pointwise('conv4', normalized(scope.child('norm2'), y), 2 * channels);
  return add(y, mul(pointwise('conv5', gate(fed), channels), share('gamma')));
}

/** The first half of the channels times the second. */
function gate(x: Value): Value {
  const half = x.shape[1]! / 2;
  return mul(slice(x, 1, 0, half), slice(x, 1, half, 2 * half));
}

/** Normalisation of every pixel over its channels. */
function normalized(scope: ParameterScope, x: Value): Value {
  const channels = x.shape[1]!;
  const weight = scope.parameter('weight', [channels], { kind: 'ones' });
  const bias = scope.parameter('bias', [channels]);
  const last = layerNorm(transpose(x, [0, 2, 3, 1]), weight, bias, 1e-6);
  return transpose(last, [0, 3, 1, 2]);
}
