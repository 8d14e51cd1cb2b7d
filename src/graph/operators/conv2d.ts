import { ParameterError } from '../../tensor/errors.js';
import { sizeOf } from '../../tensor/tensor.js';
import { requireFloat, requireRank } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import { conv2dInputGradient } from './conv2d-input-gradient.js';
import { conv2dWeightGradient } from './conv2d-weight-gradient.js';
import {
  type ConvolutionGeometry,
  type ConvolutionOptions,
  convolvedExtent,
  requireBias,
  resolveGeometry,
} from './convolution.js';

const operator: Operator<ConvolutionGeometry> = {
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
  return apply(operator, inputs, resolveGeometry('conv2d', options));
}
