import { ParameterError } from '../../tensor/errors.js';
import { sizeOf } from '../../tensor/tensor.js';
import { requireFloat, requirePositiveIntegers, requireRank } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import {
  type ConvolutionGeometry,
  type ConvolutionOptions,
  convolvedExtent,
  requireBias,
  resolveGeometry,
} from './convolution.js';

interface TransposedGeometry extends ConvolutionGeometry {
  /** Height and width of the result. */
  readonly size: readonly [number, number];
}

const operator: Operator<TransposedGeometry> = {
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
  return apply(operator, inputs, {
    ...resolveGeometry('convTranspose2d', options),
    size: options.size,
  });
}
