import { type Initial, type ParameterScope, type Value, add, conv2d, layerNorm, matmul, prelu, transpose } from '../graph/index.js';
import type { ConvolutionOptions } from '../graph/operators/convolutions.js';

/** What a convolution layer may leave out. */
export interface ConvolutionLayer extends ConvolutionOptions {
  readonly filters: number;
  /** Rows and columns of the kernels; default 3. */
  readonly kernel?: number;
  /** Default: same size at stride 1, kernel / 2. */
  readonly padding?: ConvolutionOptions['padding'] & {};
  readonly bias?: boolean;
  /** Default: PyTorch's, uniform to 1 / sqrt(fan in). */
  readonly initial?: Initial;
}

/** A convolution with parameters `weight` and `bias` declared in `scope`. */
export function convolution(scope: ParameterScope, x: Value, layer: ConvolutionLayer): Value {
  const { filters, kernel = 3, bias = true, groups = 1, initial, ...geometry } = layer;
  const depth = x.shape[1]! / groups;
  const start = initial ?? defaultInitial(depth * kernel * kernel);
  const weight = scope.parameter('weight', [filters, depth, kernel, kernel], start);
  const offset = bias
    ? scope.parameter('bias', [filters], initial === undefined ? start : { kind: 'zeros' })
    : undefined;
  const padding = geometry.padding ?? Math.floor(kernel / 2);
  return conv2d(x, weight, offset, { ...geometry, groups, padding });
}

/** An affine map of the last axis with parameters `weight` [features, inputs] and `bias`. */
export function linear(
  scope: ParameterScope,
  x: Value,
  features: number,
  options: { readonly bias?: boolean; readonly initial?: Initial } = {},
): Value {
  const inputs = x.shape.at(-1)!;
  const start = options.initial ?? defaultInitial(inputs);
  const weight = scope.parameter('weight', [features, inputs], start);
  const product = matmul(x, transpose(weight, [1, 0]));
  if (options.bias === false) return product;
  const offset = options.initial === undefined ? start : ({ kind: 'zeros' } as const);
  return add(product, scope.parameter('bias', [features], offset));
}

/** Normalisation over the last axis, with parameters `weight` (ones) and `bias` (zeros). */
export function layerNormalization(scope: ParameterScope, x: Value): Value {
  const width = x.shape.at(-1)!;
  const weight = scope.parameter('weight', [width], { kind: 'ones' });
  return layerNorm(x, weight, scope.parameter('bias', [width]));
}

/** A leaky rectifier whose one slope is the parameter `weight` [1], 0.25 at first. */
export function learnedRectifier(scope: ParameterScope, x: Value): Value {
  return prelu(x, scope.parameter('weight', [1], { kind: 'constant', value: 0.25 }));
}

/** PyTorch's default for convolutions and linear layers. */
export function defaultInitial(fanIn: number): Initial {
  return { kind: 'uniform', bound: 1 / Math.sqrt(fanIn) };
}
