import { sizeOf } from '../../../tensor/tensor.js';
import { ParameterError } from '../../../utils/errors.js';
import { scalar } from '../../leaves.js';
import { type ConvolutionGeometry, convolvedExtent } from '../../operators/convolutions.js';
import { mul } from '../../operators/elementwise.js';
import { flip, reshape, slice, transpose } from '../../operators/layout.js';
import { reduceSum } from '../../operators/reductions.js';
import { apply, type Operator, type Value, type ValueType } from '../../value.js';
import type { OnnxAttribute } from '../onnx-emitter.js';

/** The domain of ONNX Runtime's own operators on blocked channels. */
const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

const blockChannelsOperator: Operator<null> = {
  name: 'blockChannels',
  infer: ([x]) => requireImage('blockChannels', x!),
  lower: (emitter, inputs) => emitter.node('ReorderInput', inputs, {}, BLOCKED_DOMAIN),
};

const unblockChannelsOperator: Operator<null> = {
  name: 'unblockChannels',
  infer: ([x]) => requireImage('unblockChannels', x!),
  lower: (emitter, inputs, { shape }) =>
    emitter.node('ReorderOutput', inputs, { channels: { int: shape[1]! } }, BLOCKED_DOMAIN),
};

/**
 * [N, C, H, W] with the channels of a block next to each other in memory, [N, C / b, H, W, b],
 * still described as [N, C, H, W]. The size b of a block is the processor's; C is a multiple of it.
 */
export function blockChannels(x: Value): Value {
  return apply(blockChannelsOperator, [x], null);
}

/** The inverse of `blockChannels`. */
export function unblockChannels(x: Value): Value {
  return apply(unblockChannelsOperator, [x], null);
}

function requireImage(name: string, { shape, dataType }: ValueType): ValueType {
  if (shape.length !== 4 || dataType !== 'float32')
    throw new ParameterError(name, 'a float32 value [N, C, H, W]', `${dataType} [${shape}]`);
  return { shape, dataType };
}

interface BlockedConvolution extends ConvolutionGeometry {
  readonly hasBias: boolean;
  /** Slope below zero of a LeakyReLU over the result, 0 for ReLU; undefined for neither. */
  readonly slope: number | undefined;
}

const blockedConv2dOperator: Operator<BlockedConvolution> = {
  name: 'blockedConv2d',
  infer: ([x, weight, ...rest], attributes) => {
    const [batch, channels, height, width] = x!.shape as [number, number, number, number];
    const [filters, depth, rows, columns] = weight!.shape as [number, number, number, number];
    if (depth !== channels)
      throw new ParameterError('blockedConv2d', `kernels of ${channels} channels`, weight!.shape);
    const { padding } = attributes;
    const shape = [
      batch,
      filters,
      convolvedExtent(height, rows, padding[0] + padding[2], attributes),
      convolvedExtent(width, columns, padding[1] + padding[3], attributes),
    ];
    const addend = rest[attributes.hasBias ? 1 : 0];
    if (addend !== undefined && addend.shape.join() !== shape.join())
      throw new ParameterError('blockedConv2d addend', `shape [${shape}]`, addend.shape);
    return { shape, dataType: 'float32' };
  },
  lower: (emitter, [x, weight, ...rest], { inputs, attributes }) => {
    const { stride, dilation, padding, hasBias, slope } = attributes;
    const [bias, addend] = hasBias ? rest : ['', ...rest];
    const trailing = addend !== undefined ? [bias!, addend] : bias !== '' ? [bias!] : [];
    const activation: Record<string, OnnxAttribute> =
      slope === undefined
        ? {}
        : slope === 0
          ? { activation: { text: 'Relu' } }
          : { activation: { text: 'LeakyRelu' }, activation_params: { floats: [slope] } };
    return emitter.node(
      'Conv',
      [x!, weight!, ...trailing],
      {
        kernel_shape: { ints: inputs[1]!.shape.slice(2) },
        strides: { ints: [stride, stride] },
        dilations: { ints: [dilation, dilation] },
        pads: { ints: padding },
        group: { int: 1 },
        ...activation,
      },
      BLOCKED_DOMAIN,
    );
  },
  macs: ({ shape, inputs: [, weight] }) => sizeOf(shape) * sizeOf(weight!.shape.slice(1)),
};

/** What a blocked convolution does with its sums of products. */
export interface Finish {
  readonly bias: Value | undefined;
  readonly addend: Value | undefined;
  readonly slope: number | undefined;
}

/**
 * A convolution of blocked channels (`blockChannels`) with blocked kernels (`blockKernels`), plus
 * an addend of the result's shape, which ONNX Runtime adds without another pass over memory, and
 * LeakyReLU over the sum.
 */
export function blockedConv2d(
  x: Value,
  kernels: Value,
  { bias, addend, slope }: Finish,
  geometry: ConvolutionGeometry,
): Value {
  const inputs = [x, kernels, bias, addend].filter((value) => value !== undefined);
  return apply(blockedConv2dOperator, inputs, { ...geometry, hasBias: bias !== undefined, slope });
}

/** From the first channel up to, not including, the second one. */
export type ChannelRange = readonly [start: number, end: number];

/**
 * Kernels [F, C, rows, columns] in the order in which blocked convolutions read them, as
 * [F / b, C / b, rows * columns * b * b]: for each block of filters and each block of channels the
 * taps, for each tap the channels, for each channel the filters.
 */
export function blockKernels(kernels: Value, block: number): Value {
  const turned = beforeTurning(kernels);
  const [filters, channels, rows, columns] = (turned ?? kernels).shape as [
    number,
    number,
    number,
    number,
  ];
  const taps = rows * columns;
  const [rest, whole] = [channels / block, filters / block];
  // Two moves of one axis each, with a reshape that keeps the runtime from making them one: of all
  // ways the fastest by far.
  if (turned === undefined) {
    const tapsFirst = transpose(reshape(kernels, [filters * rest, block, taps]), [0, 2, 1]);
    const split = reshape(tapsFirst, [whole, block, rest * taps * block]);
    return reshape(transpose(split, [0, 2, 1]), [whole, rest, taps * block * block]);
  }
  const channelsFirst = transpose(reshape(turned, [filters, rest, block * taps]), [1, 0, 2]);
  const split = reshape(channelsFirst, [rest * whole, block * block, taps]);
  const ordered = flip(transpose(split, [0, 2, 1]), 1);
  return reshape(ordered, [rest, whole, taps * block * block]);
}

/** W where the kernels are W with filters and channels exchanged and the taps turned around. */
function beforeTurning({ operator, inputs, attributes }: Value): Value | undefined {
  const [rows] = inputs;
  const [exchanged] = rows?.inputs ?? [];
  const [weight] = exchanged?.inputs ?? [];
  const turned =
    weight !== undefined &&
    operator.name === 'flip' &&
    (attributes as { readonly axis: number }).axis === 3 &&
    rows!.operator.name === 'flip' &&
    (rows!.attributes as { readonly axis: number }).axis === 2 &&
    exchanged!.operator.name === 'transpose' &&
    String((exchanged!.attributes as { readonly permutation: readonly number[] }).permutation) ===
      '1,0,2,3';
  return turned ? weight : undefined;
}

/**
 * The blocked kernels of some filters and channels, both from and to a multiple of the block,
 * described as [F, C, rows, columns].
 */
export function someKernels(
  blocked: Value,
  filters: ChannelRange,
  channels: ChannelRange,
  { block, taps }: { readonly block: number; readonly taps: readonly [number, number] },
): Value {
  const some = part(part(blocked, 0, filters, block), 1, channels, block);
  return reshape(some, [filters[1] - filters[0], channels[1] - channels[0], ...taps]);
}

function part(x: Value, axis: number, [start, end]: ChannelRange, block: number): Value {
  if (start === 0 && end === x.shape[axis]! * block) return x;
  return slice(x, axis, start / block, end / block);
}

const blockedMeansOperator: Operator<null> = {
  name: 'blockedMeans',
  infer: ([x]) => {
    const { shape, dataType } = x!;
    if (shape.length !== 4) throw new ParameterError('blockedMeans', 'a value [N, C, H, W]', shape);
    return { shape: [shape[0]!, shape[1]!, 1, 1], dataType };
  },
  lower: (emitter, inputs) => emitter.node('GlobalAveragePool', inputs, {}, BLOCKED_DOMAIN),
};

/**
 * The sums of blocked channels [N, C, H, W] over samples and pixels, [C] in the usual layout: from
 * their means, which the runtime makes in a ninth of the time that its sums take.
 */
export function channelSums(x: Value): Value {
  const [, , height, width] = x.shape as [number, number, number, number];
  const sums = mul(apply(blockedMeansOperator, [x], null), scalar(height * width));
  return reduceSum(sums, [0, 2, 3], false);
}
