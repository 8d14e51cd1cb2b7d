import { ParameterError } from '../../../tensor/errors.js';
import { sizeOf } from '../../../tensor/tensor.js';
import { type ConvolutionGeometry, convolvedExtent } from '../../operators/convolution.js';
import { apply, type Operator, type Value } from '../../value.js';
import type { OnnxAttribute } from '../onnx-emitter.js';
import { BLOCKED_DOMAIN } from './layout-operators.js';

interface BlockedConvolution extends ConvolutionGeometry {
  readonly hasBias: boolean;
  /** Slope below zero of a LeakyReLU over the result, 0 for ReLU; undefined for neither. */
  readonly slope: number | undefined;
}

const operator: Operator<BlockedConvolution> = {
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
  return apply(operator, inputs, { ...geometry, hasBias: bias !== undefined, slope });
}
