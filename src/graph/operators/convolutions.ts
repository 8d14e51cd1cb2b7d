import { sizeOf } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { requireFloat, requirePositiveIntegers, requireRank } from '../shapes.js';
import { apply, type Operator, type Value, type ValueType } from '../value.js';
import type { Operators } from './index.js';

const conv2dOperator: Operator<ConvolutionGeometry> = {
  name: 'conv2d',
  infer: ([x, weight, bias], geometry) => {
    for (const value of [x!, weight!]) {
      requireFloat('conv2d', value);
      requireRank('conv2d', value, 4);
    }
    const [batch, channels, height, width] = x!.shape as [number, number, number, number];
    const [filters, depth, rows, columns] = weight!.shape as [number, number, number, number];
    const { groups, padding } = geometry;
    if (depth * groups !== channels || filters % groups !== 0)
      throw new ParameterError(
        'conv2d weight',
        `[a multiple of ${groups}, ${channels / groups}, rows, columns]`,
        weight!.shape,
      );
    requireBias('conv2d', bias, filters);
    const outHeight = convolvedExtent(height, rows, padding[0] + padding[2], geometry);
    const outWidth = convolvedExtent(width, columns, padding[1] + padding[3], geometry);
    if (outHeight < 1 || outWidth < 1)
      throw new ParameterError(
        'conv2d',
        `an image that a ${rows}x${columns} kernel fits`,
        x!.shape,
      );
    return { shape: [batch, filters, outHeight, outWidth], dataType: 'float32' };
  },
  lower: (emitter, [x, kernels, ...bias], node) => {
    const { attributes } = node;
    const weight = node.inputs[1]!;
    const extra = attributes.groups === 1 ? missingChannels(weight.shape) : 0;
    const widened = (name: string): string =>
      extra === 0 ? name : emitter.node('Pad', [name, emitter.ints([0, 0, 0, 0, 0, extra, 0, 0])]);
    return emitter.node('Conv', [widened(x!), widened(kernels!), ...bias], {
      kernel_shape: { ints: weight.shape.slice(2) },
      strides: { ints: [attributes.stride, attributes.stride] },
      dilations: { ints: [attributes.dilation, attributes.dilation] },
      pads: { ints: attributes.padding },
      group: { int: attributes.groups },
    });
  },
  gradient: ({ inputs: [x, weight, bias], attributes }, upstream, operators) => [
    conv2dInputGradient(x!, weight!, upstream, attributes, operators),
    conv2dWeightGradient(x!, weight!, upstream, attributes),
    bias && operators.reduceSum(upstream, [0, 2, 3], false),
  ],
  macs: ({ shape, inputs: [, weight] }) => sizeOf(shape) * sizeOf(weight!.shape.slice(1)),
};

/**
 * Channels of zeros by which a convolution is widened: ONNX Runtime's WebGPU convolutions are wrong
 * where the channels are a multiple of 3, not of 4 and more than 3, and the filters a multiple of 4
 * (microsoft/onnxruntime#29651, version 1.30). Kernels of one pixel are products, and right.
 */
function missingChannels([filters, depth, rows, columns]: readonly number[]): number {
  const wrong = depth! > 3 && depth! % 3 === 0 && depth! % 4 !== 0 && filters! % 4 === 0;
  return wrong && rows! * columns! > 1 ? 4 - (depth! % 4) : 0;
}

/**
 * Cross-correlation of images [N, C, H, W] with kernels [F, C / groups, rows, columns], as in
 * PyTorch.
 */
export function conv2d(
  x: Value,
  weight: Value,
  bias: Value | undefined,
  options: ConvolutionOptions = {},
): Value {
  const inputs = bias === undefined ? [x, weight] : [x, weight, bias];
  return apply(conv2dOperator, inputs, resolveGeometry('conv2d', options));
}

interface TransposedGeometry extends ConvolutionGeometry {
  /** Height and width of the result. */
  readonly size: readonly [number, number];
}

const convTranspose2dOperator: Operator<TransposedGeometry> = {
  name: 'convTranspose2d',
  infer: ([x, weight, bias], geometry) => {
    for (const value of [x!, weight!]) {
      requireFloat('convTranspose2d', value);
      requireRank('convTranspose2d', value, 4);
    }
    const { groups, padding, size } = geometry;
    requirePositiveIntegers('convTranspose2d size', size);
    if (x!.shape[1]! % groups !== 0)
      throw new ParameterError('convTranspose2d groups', `a divisor of ${x!.shape[1]}`, groups);
    const [rows, columns] = weight!.shape.slice(2) as [number, number];
    const convolved = [
      convolvedExtent(size[0], rows, padding[0] + padding[2], geometry),
      convolvedExtent(size[1], columns, padding[1] + padding[3], geometry),
    ];
    if (weight!.shape[0] !== x!.shape[1] || convolved.join() !== x!.shape.slice(2).join())
      throw new ParameterError(
        'convTranspose2d',
        `${weight!.shape[0]} channels of size [${convolved}]`,
        x!.shape,
      );
    const channels = weight!.shape[1]! * groups;
    requireBias('convTranspose2d', bias, channels);
    return { shape: [x!.shape[0]!, channels, ...size], dataType: 'float32' };
  },
  lower: (emitter, inputs, { inputs: [x, weight], attributes }) => {
    const { stride, dilation, groups, padding, size } = attributes;
    const excess = size.map((extent, axis) => {
      const kernel = weight!.shape[2 + axis]!;
      const margins = padding[axis]! + padding[axis + 2]!;
      return extent - ((x!.shape[2 + axis]! - 1) * stride + dilation * (kernel - 1) + 1 - margins);
    });
    return emitter.node('ConvTranspose', inputs, {
      kernel_shape: { ints: weight!.shape.slice(2) },
      strides: { ints: [stride, stride] },
      dilations: { ints: [dilation, dilation] },
      pads: { ints: padding },
      output_padding: { ints: excess },
      group: { int: groups },
    });
  },
  gradient: (node, upstream, operators) => {
    const [x, weight, bias] = node.inputs;
    const { stride, dilation, groups, padding } = node.attributes;
    const geometry = { stride, dilation, groups, padding };
    const convolved = operators.conv2d(upstream, weight!, undefined, geometry);
    return [
      convolved,
      convolved.operator.gradient!(convolved, x!, operators)[1],
      bias && operators.reduceSum(upstream, [0, 2, 3], false),
    ];
  },
  macs: ({ inputs: [x, weight] }) => sizeOf(x!.shape) * sizeOf(weight!.shape.slice(1)),
};

/**
 * The adjoint of `conv2d`: [N, F, h, w] with kernels [F, C / groups, rows, columns] to
 * [N, C, H, W], `size` being [H, W]. Weights are laid out as in PyTorch's ConvTranspose2d.
 */
export function convTranspose2d(
  x: Value,
  weight: Value,
  bias: Value | undefined,
  options: ConvolutionOptions & { readonly size: readonly [number, number] },
): Value {
  const inputs = bias === undefined ? [x, weight] : [x, weight, bias];
  return apply(convTranspose2dOperator, inputs, {
    ...resolveGeometry('convTranspose2d', options),
    size: options.size,
  });
}

/** Rows and columns added at [top, left, bottom, right]. */
export type Margins = readonly [number, number, number, number];

/** Geometry of a 2-D convolution. */
export interface ConvolutionGeometry {
  readonly stride: number;
  readonly padding: Margins;
  readonly dilation: number;
  readonly groups: number;
}

/** Options of `conv2d`; one number of padding serves all four sides. */
export interface ConvolutionOptions {
  readonly stride?: number;
  readonly padding?: number | Margins;
  readonly dilation?: number;
  readonly groups?: number;
}

/**
 * Options with every default filled in.
 * @throws ParameterError where one is not an integer or below its least value.
 */
export function resolveGeometry(
  operator: string,
  options: ConvolutionOptions,
): ConvolutionGeometry {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const margins: Margins =
    typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
  for (const [option, value] of Object.entries({ stride, dilation, groups }))
    if (!(Number.isInteger(value) && value >= 1))
      throw new ParameterError(`${operator} ${option}`, 'a positive integer', value);
  if (margins.length !== 4 || margins.some((margin) => !(Number.isInteger(margin) && margin >= 0)))
    throw new ParameterError(
      `${operator} padding`,
      '[top, left, bottom, right], each >= 0',
      margins,
    );
  return { stride, padding: margins, dilation, groups };
}

/** Extent of a convolution's result along one axis. */
export function convolvedExtent(
  extent: number,
  kernel: number,
  margins: number,
  { stride, dilation }: ConvolutionGeometry,
): number {
  return Math.floor((extent + margins - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** @throws ParameterError where a bias is there and has not one entry per channel. */
export function requireBias(operator: string, bias: ValueType | undefined, channels: number): void {
  if (bias !== undefined && bias.shape.join() !== `${channels}`)
    throw new ParameterError(`${operator} bias`, `shape [${channels}]`, bias.shape);
}

/**
 * Gradient of a convolution with respect to its image: a convolution with the flipped kernels, or a
 * transposed convolution where rows are skipped or channels grouped. ONNX Runtime runs the former
 * about twice as fast on a CPU.
 */
function conv2dInputGradient(
  x: Value,
  weight: Value,
  upstream: Value,
  geometry: ConvolutionGeometry,
  { conv2d, convTranspose2d, flip, transpose }: Operators,
): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  const { stride, dilation, groups } = geometry;
  const margins = upstreamMargins(weight.shape.slice(2) as [number, number], geometry);
  if (stride !== 1 || groups !== 1 || margins.some((margin) => margin < 0))
    return convTranspose2d(upstream, weight, undefined, { ...geometry, size: [height, width] });
  const turned = flip(flip(transpose(weight, [1, 0, 2, 3]), 2), 3);
  return conv2d(upstream, turned, undefined, { dilation, padding: margins });
}

/** What to add around the result's gradient, so that the kernel flipped over it gives the image. */
export function upstreamMargins(
  [rows, columns]: readonly [rows: number, columns: number],
  { dilation, padding }: Pick<ConvolutionGeometry, 'dilation' | 'padding'>,
): Margins {
  const [tall, wide] = [dilation * (rows - 1), dilation * (columns - 1)];
  const [top, left, bottom, right] = padding;
  return [tall - top, wide - left, tall - bottom, wide - right];
}

/** The convolution whose kernels [F, C / groups, rows, columns] a gradient is for. */
export interface WeightGradient extends ConvolutionGeometry {
  readonly kernels: readonly number[];
}

const conv2dWeightGradientOperator: Operator<WeightGradient> = {
  name: 'conv2dWeightGradient',
  infer: (_, { kernels }) => ({ shape: kernels, dataType: 'float32' }),
  lower: () => {
    throw new Error('conv2dWeightGradient is written with other operators before');
  },
  gradient: ({ inputs: [x, upstream], attributes }, arriving, operators) => [
    conv2dInputGradient(x!, arriving, upstream!, attributes, operators),
    operators.conv2d(x!, arriving, undefined, attributes),
  ],
  macs: ({ inputs: [, upstream], shape }) => sizeOf(upstream!.shape) * sizeOf(shape.slice(1)),
};

/**
 * Gradient of `conv2d` with respect to its kernels. It is linear in the image `x` and in `upstream`,
 * the gradient of the result, and becomes other operators before it is written
 * (`writeWeightGradients`), since the best ones depend on the processor.
 */
export function conv2dWeightGradient(
  x: Value,
  weight: Value,
  upstream: Value,
  geometry: ConvolutionGeometry,
): Value {
  return apply(conv2dWeightGradientOperator, [x, upstream], { ...geometry, kernels: weight.shape });
}
