import { ParameterError } from '../../tensor/errors.js';
import { sizeOf } from '../../tensor/tensor.js';
import { requireFloat, requireRank } from '../shapes.js';
import { apply, type Operator, type Value, type ValueType } from '../value.js';
import {
  type ConvolutionGeometry,
  type ConvolutionOptions,
  convolvedExtent,
  requireBias,
  resolveGeometry,
} from './convolution.js';
import { deformGradient } from './deform-conv2d-gradient.js';

/** Geometry of a deformable convolution. */
export interface DeformGeometry extends ConvolutionGeometry {
  readonly offsetGroups: number;
}

const operator: Operator<DeformGeometry> = {
  name: 'deformConv2d',
  infer: ([x, weight, offset, mask, bias], geometry) => {
    for (const value of [x!, weight!, offset!, mask!]) {
      requireFloat('deformConv2d', value);
      requireRank('deformConv2d', value, 4);
    }
    const [batch, channels, height, width] = x!.shape as [number, number, number, number];
    const [filters, depth, rows, columns] = weight!.shape as [number, number, number, number];
    const { groups, padding, offsetGroups } = geometry;
    if (depth * groups !== channels || filters % groups !== 0)
      throw new ParameterError(
        'deformConv2d weight',
        `[a multiple of ${groups}, ${channels / groups}, rows, columns]`,
        weight!.shape,
      );
    if (channels % offsetGroups !== 0)
      throw new ParameterError(
        'deformConv2d offsetGroups',
        `a divisor of ${channels}`,
        offsetGroups,
      );
    requireBias('deformConv2d', bias, filters);
    const outHeight = convolvedExtent(height, rows, padding[0] + padding[2], geometry);
    const outWidth = convolvedExtent(width, columns, padding[1] + padding[3], geometry);
    const taps = offsetGroups * rows * columns;
    requireShape('offset', offset!, [batch, 2 * taps, outHeight, outWidth]);
    requireShape('mask', mask!, [batch, taps, outHeight, outWidth]);
    return { shape: [batch, filters, outHeight, outWidth], dataType: 'float32' };
  },
  lower: (emitter, [x, weight, offset, mask, bias], { inputs: [, kernels], attributes }) =>
    emitter.node('DeformConv', [x!, weight!, offset!, bias ?? '', mask!], {
      kernel_shape: { ints: kernels!.shape.slice(2) },
      strides: { ints: [attributes.stride, attributes.stride] },
      dilations: { ints: [attributes.dilation, attributes.dilation] },
      pads: { ints: attributes.padding },
      group: { int: attributes.groups },
      offset_group: { int: attributes.offsetGroups },
    }),
  gradient: deformGradient,
  macs: ({ shape, inputs: [, weight] }) => sizeOf(shape) * sizeOf(weight!.shape.slice(1)),
};

function requireShape(name: string, { shape }: ValueType, expected: readonly number[]): void {
  if (shape.join() !== expected.join())
    throw new ParameterError(`deformConv2d ${name}`, `shape [${expected}]`, shape);
}

/** Where a deformable convolution reads, and how much of it counts. */
export interface Deformation {
  /** Rows and columns, in turn, that each tap of each offset group is moved by, in pixels. */
  readonly offset: Value;
  /** Factor on each tap of each offset group. */
  readonly mask: Value;
}

/**
 * Modulated deformable convolution of images [N, C, H, W] (Zhu et al., "Deformable ConvNets v2",
 * CVPR 2019): every tap of the kernels [F, C / groups, rows, columns] reads bilinearly at its own
 * moved place, zeros beyond the border, times its own factor. The channels fall into
 * `offsetGroups` that move together; `offset` is [N, 2 offsetGroups rows columns, height, width]
 * and `mask` half as deep, of the output's size, in the order of torchvision's `deform_conv2d`.
 *
 * ONNX Runtime runs it on a CPU; its WebGPU has no such kernel.
 * @throws ParameterError where the shapes do not fit.
 */
export function deformConv2d(
  x: Value,
  weight: Value,
  bias: Value | undefined,
  { offset, mask }: Deformation,
  options: ConvolutionOptions & { readonly offsetGroups?: number } = {},
): Value {
  const { offsetGroups = 1, ...rest } = options;
  if (!(Number.isInteger(offsetGroups) && offsetGroups >= 1))
    throw new ParameterError('deformConv2d offsetGroups', 'a positive integer', offsetGroups);
  const geometry = resolveGeometry('deformConv2d', rest);
  const inputs = [x, weight, offset, mask, ...(bias === undefined ? [] : [bias])];
  return apply(operator, inputs, { ...geometry, offsetGroups });
}
