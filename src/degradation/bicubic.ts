import { ParameterError } from '../tensor/errors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { resizeColumns, resizeRows } from './resample.js';
import { type Contributions, contributions, contributionsByFactor } from './resize-weights.js';

/** What to resize to: a factor for both sides, or the two sides in pixels. */
export type ResizeTarget =
  | { readonly scale: number }
  | { readonly height: number; readonly width: number };

/**
 * Bicubic resizing as MATLAB's `imresize` does it: cubic kernel with a = -0.5, stretched over the
 * output's pixel pitch where the picture shrinks (antialiasing), mirrored at the border with the
 * edge pixel repeated, the side that shrinks most first. Values are neither clamped nor rounded.
 *
 * @param image [..., H, W]; every leading dimension counts planes.
 * @param target with `scale`, the output has ceil(side * scale) pixels on each side.
 * @throws ParameterError for a rank below two, an empty picture, or a target that is not positive.
 */
export function resizeBicubic(image: Tensor, target: ResizeTarget): Tensor {
  if (image.shape.length < 2)
    throw new ParameterError('image', 'a tensor [..., height, width]', image.shape);
  const height = image.shape.at(-2)!;
  const width = image.shape.at(-1)!;
  if (height === 0 || width === 0)
    throw new ParameterError('image', 'at least one pixel', image.shape);
  const leading = image.shape.slice(0, -2);
  const planes = leading.reduce((product, extent) => product * extent, 1);

  const vertical = side('height', height, target);
  const horizontal = side('width', width, target);
  let data: Float32Array = image.data;
  if (vertical.scale <= horizontal.scale) {
    data = resizeColumns(data, planes, height, width, vertical.weights);
    data = resizeRows(data, planes * vertical.weights.outputLength, width, horizontal.weights);
  } else {
    data = resizeRows(data, planes * height, width, horizontal.weights);
    data = resizeColumns(data, planes, height, horizontal.weights.outputLength, vertical.weights);
  }
  return tensor([...leading, vertical.weights.outputLength, horizontal.weights.outputLength], data);
}

function side(
  name: 'height' | 'width',
  length: number,
  target: ResizeTarget,
): { scale: number; weights: Contributions } {
  if ('scale' in target) {
    const { scale } = target;
    if (!(scale > 0 && Number.isFinite(scale)))
      throw new ParameterError('scale', 'a positive number', scale);
    return { scale, weights: contributionsByFactor(length, scale) };
  }
  const output = target[name];
  if (!Number.isInteger(output) || output < 1)
    throw new ParameterError(name, 'a positive integer', output);
  const scale = output / length;
  return { scale, weights: contributions(length, output, scale) };
}
