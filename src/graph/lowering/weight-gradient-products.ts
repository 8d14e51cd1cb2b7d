import { sizeOf } from '../../tensor/tensor.js';
import { type Margins, upstreamMargins, type WeightGradient } from '../operators/convolutions.js';
import { concat, pad, reshape, slice, transpose } from '../operators/layout.js';
import { matmul } from '../operators/matmul.js';
import { reduceSum } from '../operators/reductions.js';
import { rewriteGraph, type Value } from '../value.js';

/**
 * The same outputs with the gradients of kernels as matrix products.
 * @param left tells which ones stay as they are.
 */
export function writeWeightGradients<Outputs extends Readonly<Record<string, Value>>>(
  outputs: Outputs,
  left: (node: Value<WeightGradient>) => boolean,
): Record<keyof Outputs, Value> {
  return rewriteGraph(outputs, (node, now) => {
    if (node.operator.name !== 'conv2dWeightGradient') return undefined;
    const gradient = node as Value<WeightGradient>;
    return left(gradient)
      ? undefined
      : weightGradientProducts({ ...gradient, inputs: gradient.inputs.map(now) });
  });
}

/** Up to this many shifted channels, one product serves all taps: a narrow one wastes the CPU. */
const NARROW = 8;

/**
 * Gradients of convolutions with respect to their kernels: for each kernel tap the matrix product,
 * over pixels, of the image and the result's gradient, one of them shifted by the tap's offset.
 * The one with fewer channels is shifted where the stride allows it, for copying it costs about
 * as much as multiplying.
 */
function weightGradientProducts({
  inputs: [x, upstream],
  shape,
  attributes,
}: Value<WeightGradient>): Value {
  const { groups, stride, dilation, padding } = attributes;
  const [filters, depth, rows, columns] = shape as [number, number, number, number];
  const batch = x!.shape[0]!;
  const turned = upstreamMargins([rows, columns], attributes);
  const upstreamMoves =
    stride === 1 && filters < x!.shape[1]! && turned.every((margin) => margin >= 0);

  const [still, moving] = upstreamMoves ? [x!, upstream!] : [upstream!, x!];
  const margins = upstreamMoves ? turned : padding;
  const size = still.shape.slice(2) as [number, number];
  const pixels = size[0] * size[1];
  const taps = windows(moving, margins, { rows, columns, stride, dilation, size });
  if (upstreamMoves) taps.reverse();

  const stillDepth = still.shape[1]! / groups;
  const movingDepth = moving.shape[1]! / groups;
  const anchor = reshape(still, [batch * groups, stillDepth, pixels]);
  const flat = taps.map((tap) => reshape(tap, [batch * groups, movingDepth, pixels]));
  const summed = (products: Value, parts: number): Value => {
    const size = sizeOf(products.shape) / (parts * batch);
    return batch === 1 ? products : reduceSum(reshape(products, [parts, batch, size]), [1]);
  };
  const count = taps.length;
  if (movingDepth <= NARROW) {
    const products = matmul(anchor, transpose(concat(flat, 1), [0, 2, 1]));
    const parts = reshape(summed(products, 1), [groups, stillDepth, count, movingDepth]);
    const order = upstreamMoves ? [0, 3, 1, 2] : [0, 1, 3, 2];
    return reshape(transpose(parts, order), [filters, depth, rows, columns]);
  }
  const products = flat.map((tap) => matmul(anchor, transpose(tap, [0, 2, 1])));
  const parts = reshape(summed(concat(products, 0), count), [
    count * groups,
    stillDepth,
    movingDepth,
  ]);
  // In this order ONNX Runtime makes two quick moves of it, in the other a slow one of both.
  const ordered = upstreamMoves ? transpose(parts, [0, 2, 1]) : parts;
  const tapsLast = transpose(reshape(ordered, [count, filters * depth]), [1, 0]);
  return reshape(tapsLast, [filters, depth, rows, columns]);
}

interface Taps {
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  readonly dilation: number;
  readonly size: readonly [number, number];
}

/** The part of padded `x` that each kernel tap meets, row by row. */
function windows(
  x: Value,
  [top, left, bottom, right]: Margins,
  { rows, columns, stride, dilation, size: [height, width] }: Taps,
): Value[] {
  const padding = [
    [0, 0],
    [0, 0],
    [top, bottom],
    [left, right],
  ] as const;
  const padded = pad(x, padding);
  const parts: Value[] = [];
  for (let row = 0; row < rows; row += 1) {
    const y = row * dilation;
    const band = slice(padded, 2, y, y + (height - 1) * stride + 1, stride);
    for (let column = 0; column < columns; column += 1) {
      const z = column * dilation;
      parts.push(slice(band, 3, z, z + (width - 1) * stride + 1, stride));
    }
  }
  return parts;
}
