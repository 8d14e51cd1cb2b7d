import { type ParameterScope, type Value, add, conv2d, div, mul, reshape, scalar, sqrt, sub } from '../../../graph/index.js';
import type { ConvolutionOptions } from '../../../graph/operators/convolutions.js';
import { defaultInitial } from '../../layers.js';

/** A convolution without bias, followed by a batch normalisation. */
export interface NormalizedConvolution extends ConvolutionOptions {
  readonly filters: number;
  /** Rows and columns of the kernels. */
  readonly kernel: number;
  /** Names of the two layers in their scope. */
  readonly names: readonly [convolution: string, normalization: string];
}

const EPSILON = 1e-5;

/**
 * A convolution of [N, C, H, W] and the batch normalisation after it as in inference, by the means
 * and variances that the parameters hold: one convolution whose kernels and bias are functions of
 * all parameters. Where these are known, it costs no more than a convolution alone.
 */
export function normalizedConvolution(
  scope: ParameterScope,
  x: Value,
  layer: NormalizedConvolution,
): Value {
  const { filters, kernel, names, ...options } = layer;
  const channels = x.shape[1]!;
  const initial = defaultInitial(channels * kernel ** 2);
  const kernels = scope
    .child(names[0])
    .parameter('weight', [filters, channels, kernel, kernel], initial);
  const statistics = scope.child(names[1]);
  const weight = statistics.parameter('weight', [filters], { kind: 'ones' });
  const bias = statistics.parameter('bias', [filters]);
  const mean = statistics.parameter('running_mean', [filters]);
  const variance = statistics.parameter('running_var', [filters], { kind: 'ones' });
  const scale = div(weight, sqrt(add(variance, scalar(EPSILON))));
  const scaled = mul(kernels, reshape(scale, [filters, 1, 1, 1]));
  return conv2d(x, scaled, sub(bias, mul(mean, scale)), options);
}

/** True for the key of a count that a batch normalisation keeps in training and nothing reads. */
export function isBatchCount(key: string): boolean {
  return key.endsWith('.num_batches_tracked');
}
