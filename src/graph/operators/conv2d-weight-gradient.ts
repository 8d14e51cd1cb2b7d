import { sizeOf } from '../../tensor/tensor.js';
import { apply, type Operator, type Value } from '../value.js';
import { conv2dInputGradient } from './conv2d-input-gradient.js';
import type { ConvolutionGeometry } from './convolution.js';

/** The convolution whose kernels [F, C / groups, rows, columns] a gradient is for. */
export interface WeightGradient extends ConvolutionGeometry {
  readonly kernels: readonly number[];
}

const operator: Operator<WeightGradient> = {
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
  return apply(operator, [x, upstream], { ...geometry, kernels: weight.shape });
}
