import {
  add,
  concat,
  constant,
  conv2d,
  cos,
  gather,
  gridSample,
  type Initial,
  layerNorm,
  leakyRelu,
  matmul,
  mul,
  type ParameterScope,
  pad,
  prelu,
  reshape,
  resizeBilinear,
  type SamplePadding,
  scalar,
  sin,
  slice,
  sub,
  transpose,
  type Value,
} from '../graph/index.js';
import type { ConvolutionOptions } from '../graph/operators/convolutions.js';
import { tensor } from '../tensor/tensor.js';

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

/**
 * [N, C, H, W] mirrored downwards and to the right until both sides are multiples of `multiple` and
 * at least `least`.
 * Images smaller than the margin are mirrored repeatedly; a single row or column is repeated.
 */
export function padToMultiple(x: Value, multiple: number, least = 0): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  const [rows, columns] = [height, width].map(
    (extent) => Math.ceil(Math.max(extent, least) / multiple) * multiple,
  ) as [number, number];
  if (rows < 2 * height && columns < 2 * width) {
    const padding = [
      [0, 0],
      [0, 0],
      [0, rows - height],
      [0, columns - width],
    ] as const;
    return pad(x, padding, 'reflect');
  }
  return mirrored(mirrored(x, 2, rows), 3, columns);
}

/** [N, C, H, W] with zeros below and to the right until both sides are multiples of `multiple`. */
export function padWithZeros(x: Value, multiple: number): Value {
  const missing = (extent: number): number => Math.ceil(extent / multiple) * multiple - extent;
  const [height, width] = x.shape.slice(2) as [number, number];
  const padding = [
    [0, 0],
    [0, 0],
    [0, missing(height)],
    [0, missing(width)],
  ] as const;
  return pad(x, padding);
}

/** The top left [height, width] of [N, C, H, W]. */
export function crop(x: Value, height: number, width: number): Value {
  const rows = x.shape[2] === height ? x : slice(x, 2, 0, height);
  return x.shape[3] === width ? rows : slice(rows, 3, 0, width);
}

function mirrored(x: Value, axis: number, extent: number): Value {
  const inside = x.shape[axis]!;
  if (inside === extent) return x;
  const period = Math.max(1, 2 * (inside - 1));
  const indices = Array.from({ length: extent }, (_, place) => {
    const phase = place % period;
    return Math.min(phase, period - phase);
  });
  return gather(x, axis, indices);
}

/** One number for each channel of images, as a constant [1, C, 1, 1]. */
export function perChannel(values: readonly number[]): Value {
  return constant(tensor([1, values.length, 1, 1], values));
}

/** Mean and standard deviation of ImageNet's RGB in [0, 1]. */
export const IMAGENET_MEAN = [0.485, 0.456, 0.406];
export const IMAGENET_DEVIATION = [0.229, 0.224, 0.225];

/** Images and their means over 2 x 2, 4 x 4, ... pixels: `levels` images, the largest first. */
export function imagePyramid(x: Value, levels: number): Value[] {
  const result = [x];
  while (result.length < levels) {
    const last = result.at(-1)!;
    const [height, width] = last.shape.slice(2) as [number, number];
    result.push(resizeBilinear(last, [height / 2, width / 2]));
  }
  return result;
}

/** Convolutions of a dense block. */
export const DENSE_LAYERS = 5;

/**
 * The residual dense block of ESRGAN without batch normalisation: five 3x3 convolutions `conv1` to
 * `conv5`, each on the input and all earlier results, LeakyReLU 0.2 between them; a fifth of the
 * last is added to the input. Keeps the shape of [N, C, H, W]; reaches `DENSE_LAYERS` pixels.
 * @param growth channels that each layer but the last adds.
 */
export function denseBlock(scope: ParameterScope, x: Value, growth: number): Value {
  let known = x;
  for (let layer = 1; layer < DENSE_LAYERS; layer += 1) {
    const grown = convolution(scope.child(`conv${layer}`), known, { filters: growth });
    known = concat([known, leakyRelu(grown, 0.2)], 1);
  }
  const last = convolution(scope.child(`conv${DENSE_LAYERS}`), known, { filters: x.shape[1]! });
  return add(x, mul(last, scalar(0.2)));
}

/**
 * Timesteps [N] as `values` numbers each, [N, values]: cosines, then sines, of
 * t / 10000^(2 i / values).
 * @param values even.
 */
export function timeEncoding(t: Value, values: number): Value {
  const half = values / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) => 10000 ** (-i / half));
  const angles = mul(reshape(t, [t.shape[0]!, 1]), constant(tensor([1, half], frequencies)));
  return concat([cos(angles), sin(angles)], 1);
}

/**
 * Images [N, C, H, W] sampled along a flow [N, 2, H, W]: horizontal and vertical displacement of
 * each pixel, in pixels.
 */
export function warp(x: Value, flow: Value, padding: SamplePadding): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  const last = [width, height].map((extent) => Math.max(extent - 1, 1));
  const span = constant(
    tensor(
      [2],
      last.map((extent) => 2 / extent),
    ),
  );
  const moved = add(transpose(flow, [0, 2, 3, 1]), pixelCoordinates(height, width));
  const grid = sub(mul(moved, span), scalar(1));
  return gridSample(x, grid, { padding, alignCorners: true });
}

/** Column and row of every pixel, [H, W, 2]. */
function pixelCoordinates(height: number, width: number): Value {
  const data = new Float32Array(height * width * 2);
  for (let row = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1)
      data.set([column, row], 2 * (row * width + column));
  return constant(tensor([height, width, 2], data));
}
