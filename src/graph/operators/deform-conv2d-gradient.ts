import { sizeOf, tensor } from '../../tensor/tensor.js';
import { constant } from '../leaves.js';
import type { Value } from '../value.js';
import { readBilinearly } from './bilinear-reading.js';
import type { DeformGeometry } from './deform-conv2d.js';
import type { Operators } from './index.js';

/**
 * Gradients of a deformable convolution with respect to its image, kernels, offsets, factors and
 * bias. What the taps read is a matrix per image, [channels rows columns, output pixels]; the
 * convolution is a product with it.
 */
export function deformGradient(
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
  const pictures = batch * offsetGroups;
  const length = taps * pixels;

  const [rowPlaces, columnPlaces] = undeformed(node);
  const moves = reshape(offset, [pictures, taps, 2, pixels]);
  const moved = (part: number, from: Value): Value =>
    add(reshape(slice(moves, 2, part, part + 1), [pictures, length]), from);
  const image = reshape(x, [pictures, channels / offsetGroups, height, width]);
  const reading = readBilinearly(image, moved(0, rowPlaces), moved(1, columnPlaces), operators);
  const factors = reshape(mask, [pictures, 1, length]);

  const product = [batch, groups, depth * taps, pixels] as const;
  const read = reshape(mul(reading.values, factors), product);
  const kernels = reshape(weight, [groups, filters / groups, depth * taps]);
  const arriving = reshape(upstream, [batch, groups, filters / groups, pixels]);
  const toRead = matmul(transpose(kernels, [0, 2, 1]), arriving);
  const leaving = reshape(toRead, [pictures, channels / offsetGroups, length]);
  const slopes = reading.gradient(mul(leaving, factors));

  const toKernels = reduceSum(matmul(arriving, transpose(read, [0, 1, 3, 2])), [0], false);
  const parts = [slopes.rows, slopes.columns].map((part) =>
    reshape(part, [pictures, taps, 1, pixels]),
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
