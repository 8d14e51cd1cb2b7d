import { sizeOf, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { constant } from '../leaves.js';
import { requireFloat, requireRank } from '../shapes.js';
import { apply, type Operator, type Value, type ValueType } from '../value.js';
import {
  type ConvolutionGeometry,
  type ConvolutionOptions,
  convolvedExtent,
  requireBias,
  resolveGeometry,
} from './convolutions.js';
import type { Operators } from './index.js';
import { readBilinearly } from './resampling.js';

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

/**
 * Gradients of a deformable convolution with respect to its image, kernels, offsets, factors and
 * bias. What the taps read is a matrix per image, [channels rows columns, output pixels]; the
 * convolution is a product with it.
 */
function deformGradient(
  node: Value<DeformGeometry>,
  upstream: Value,
  operators: Operators,
): (Value | undefined)[] {
  const { add, concat, matmul, mul, reduceSum, reshape, slice, transpose } = operators;
  const [x, weight, offset, mask, bias] = node.inputs as [Value, Value, Value, Value, Value?];
  const { groups, offsetGroups } = node.attributes;
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [filters, depth] = weight.shape as [number, number];
  const taps = sizeOf(weight.shape.slice(2));
  const pixels = sizeOf(node.shape.slice(2));
  const images = batch * offsetGroups;
  const length = taps * pixels;

  const [rowPlaces, columnPlaces] = undeformed(node);
  const moves = reshape(offset, [images, taps, 2, pixels]);
  const moved = (part: number, from: Value): Value =>
    add(reshape(slice(moves, 2, part, part + 1), [images, length]), from);
  const image = reshape(x, [images, channels / offsetGroups, height, width]);
  const reading = readBilinearly(image, moved(0, rowPlaces), moved(1, columnPlaces), operators);
  const factors = reshape(mask, [images, 1, length]);

  const product = [batch, groups, depth * taps, pixels] as const;
  const read = reshape(mul(reading.values, factors), product);
  const kernels = reshape(weight, [groups, filters / groups, depth * taps]);
  const arriving = reshape(upstream, [batch, groups, filters / groups, pixels]);
  const toRead = matmul(transpose(kernels, [0, 2, 1]), arriving);
  const leaving = reshape(toRead, [images, channels / offsetGroups, length]);
  const slopes = reading.gradient(mul(leaving, factors));

  const toKernels = reduceSum(matmul(arriving, transpose(read, [0, 1, 3, 2])), [0], false);
  const parts = [slopes.rows, slopes.columns].map((part) =>
    reshape(part, [images, taps, 1, pixels]),
  );
  return [
    reshape(slopes.image, x.shape),
    reshape(toKernels, weight.shape),
    reshape(concat(parts, 2), offset.shape),
    reshape(reduceSum(mul(leaving, reading.values), [1], false), mask.shape),
    bias && reduceSum(upstream, [0, 2, 3], false),
  ];
}

/** Rows and columns where a plain convolution reads, [taps output pixels] each. */
function undeformed({
  shape,
  inputs: [, weight],
  attributes,
}: Value<DeformGeometry>): [Value, Value] {
  const { stride, dilation, padding } = attributes;
  const [top, left] = padding;
  const [outHeight, outWidth] = shape.slice(2) as [number, number];
  const [kernelRows, kernelColumns] = weight!.shape.slice(2) as [number, number];
  const rows: number[] = [];
  const columns: number[] = [];
  for (let i = 0; i < kernelRows; i += 1)
    for (let j = 0; j < kernelColumns; j += 1)
      for (let row = 0; row < outHeight; row += 1)
        for (let column = 0; column < outWidth; column += 1) {
          rows.push(row * stride - top + i * dilation);
          columns.push(column * stride - left + j * dilation);
        }
  const places = (values: number[]): Value => constant(tensor([values.length], values));
  return [places(rows), places(columns)];
}
