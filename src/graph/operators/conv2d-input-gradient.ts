import type { Value } from '../value.js';
import type { ConvolutionGeometry, Margins } from './convolution.js';
import type { Operators } from './index.js';

/**
 * Gradient of a convolution with respect to its image: a convolution with the flipped kernels, or a
 * transposed convolution where rows are skipped or channels grouped. ONNX Runtime runs the former
 * about twice as fast on a CPU.
 */
export function conv2dInputGradient(
  x: Value,
  weight: Value,
  upstream: Value,
  geometry: ConvolutionGeometry,
  { conv2d, convTranspose2d, flip, transpose }: Operators,
): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  const { stride, dilation, groups } = geometry;
  const margins = upstreamMargins(weight.shape.slice(2) as [number, number], geometry);
  if (stride !== 1 || groups !== 1 || margins.some((margin) => margin < 0))
    return convTranspose2d(upstream, weight, undefined, { ...geometry, size: [height, width] });
  const turned = flip(flip(transpose(weight, [1, 0, 2, 3]), 2), 3);
  return conv2d(upstream, turned, undefined, { dilation, padding: margins });
}

/** What to add around the result's gradient, so that the kernel flipped over it gives the image. */
export function upstreamMargins(
  [rows, columns]: readonly [rows: number, columns: number],
  { dilation, padding }: Pick<ConvolutionGeometry, 'dilation' | 'padding'>,
): Margins {
  const [tall, wide] = [dilation * (rows - 1), dilation * (columns - 1)];
  const [top, left, bottom, right] = padding;
  return [tall - top, wide - left, tall - bottom, wide - right];
}
