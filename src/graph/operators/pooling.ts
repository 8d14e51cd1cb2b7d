import { ParameterError } from '../../utils/errors.js';
import { requireFloat, requirePositiveIntegers, requireRank } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import { type ConvolutionGeometry, convolvedExtent, resolveGeometry } from './convolutions.js';
import type { Operators } from './index.js';

interface PoolGeometry extends ConvolutionGeometry {
  readonly kernel: number;
}

const LOWEST = -3.4028234663852886e38;

const operator: Operator<PoolGeometry> = {
  name: 'maxPool2d',
  infer: ([x], geometry) => {
    requireFloat('maxPool2d', x!);
    requireRank('maxPool2d', x!, 4);
    const { kernel, padding } = geometry;
    requirePositiveIntegers('maxPool2d kernel', [kernel]);
    if (Math.max(...padding) >= kernel)
      throw new ParameterError('maxPool2d padding', `less than the kernel ${kernel}`, padding);
    const size = x!.shape
      .slice(2)
      .map((extent, axis) =>
        convolvedExtent(extent, kernel, padding[axis]! + padding[axis + 2]!, geometry),
      );
    if (size.some((extent) => extent < 1))
      throw new ParameterError(
        'maxPool2d',
        `an image that a ${kernel}x${kernel} window fits`,
        x!.shape,
      );
    return { shape: [...x!.shape.slice(0, 2), ...size], dataType: 'float32' };
  },
  lower: (emitter, inputs, { attributes: { kernel, stride, padding } }) =>
    emitter.node('MaxPool', inputs, {
      kernel_shape: { ints: [kernel, kernel] },
      strides: { ints: [stride, stride] },
      pads: { ints: padding },
    }),
  gradient: (node, upstream, operators) => [poolGradient(node, upstream, operators)],
};

/** Each window's gradient goes to its maxima in equal shares. */
function poolGradient(node: Value<PoolGeometry>, upstream: Value, operators: Operators): Value {
  const { add, cast, div, equal, mul, pad, slice } = operators;
  const x = node.inputs[0]!;
  const { kernel, stride, padding } = node.attributes;
  const [top, left, bottom, right] = padding;
  const around: [number, number][] = [
    [0, 0],
    [0, 0],
    [top, bottom],
    [left, right],
  ];
  const padded = pad(x, around, 'constant', LOWEST);
  const [outHeight, outWidth] = node.shape.slice(2) as [number, number];
  const bands: Value[] = [];
  const windows: Value[] = [];
  for (let row = 0; row < kernel; row += 1)
    for (let column = 0; column < kernel; column += 1) {
      const band = slice(padded, 2, row, row + (outHeight - 1) * stride + 1, stride);
      bands.push(band);
      windows.push(slice(band, 3, column, column + (outWidth - 1) * stride + 1, stride));
    }
  const winners = windows.map((window) => cast(equal(window, node), 'float32'));
  const share = div(upstream, winners.reduce(add));
  return windows
    .map((window, index) => {
      const part = mul(winners[index]!, share);
      const band = bands[index]!;
      const toBand = window.operator.gradient!(window, part, operators)[0]!;
      const toPadded = band.operator.gradient!(band, toBand, operators)[0]!;
      const toRows = slice(toPadded, 2, top, top + x.shape[2]!);
      return slice(toRows, 3, left, left + x.shape[3]!);
    })
    .reduce(add);
}

/** Largest element of each kernel x kernel window of [N, C, H, W]. */
export function maxPool2d(
  x: Value,
  options: { readonly kernel: number; readonly stride?: number; readonly padding?: number },
): Value {
  const { kernel, stride = kernel, padding = 0 } = options;
  return apply(operator, [x], { ...resolveGeometry('maxPool2d', { stride, padding }), kernel });
}
