import { ParameterError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { copyWindow, cropped } from '../../tensor/window.js';
import { luma } from './luma.js';
import type { ColourSpace } from './metric.js';

/** Planes of one picture on the scale 0..255, without the border. */
export interface Planes {
  readonly height: number;
  readonly width: number;
  readonly planes: readonly Float64Array[];
}

/**
 * The planes that a metric compares.
 * @throws ParameterError where the picture is not [3, H, W] or the border leaves no pixel.
 */
export function planesOf(
  name: string,
  picture: Tensor,
  colourSpace: ColourSpace,
  border: number,
): Planes {
  const { height, width } = sizeInside(name, picture, border);
  const [, fullHeight, fullWidth] = picture.shape as [number, number, number];
  const pixels = fullHeight * fullWidth;
  const full =
    colourSpace === 'luma'
      ? [luma(picture)]
      : [0, 1, 2].map((channel) =>
          scaled(picture.data.subarray(channel * pixels, (channel + 1) * pixels)),
        );
  const size = [1, fullHeight, fullWidth] as const;
  const place = { left: border, top: border, width, height };
  const inside = (plane: Float64Array) =>
    copyWindow(plane, size, place, new Float64Array(height * width));
  return {
    height,
    width,
    planes: border === 0 ? full : full.map(inside),
  };
}

/**
 * The planes of a reference and a test picture.
 * @throws ParameterError where either is no picture or their sizes differ.
 */
export function pairOf(
  reference: Tensor,
  test: Tensor,
  colourSpace: ColourSpace,
  border: number,
): readonly [Planes, Planes] {
  pairSize(reference, test, border);
  return [
    planesOf('reference', reference, colourSpace, border),
    planesOf('test', test, colourSpace, border),
  ];
}

/**
 * What is left of a reference and a test picture inside a border, in pixels.
 * @throws ParameterError where either is no picture or their sizes differ.
 */
export function pairSize(
  reference: Tensor,
  test: Tensor,
  border: number,
): { readonly height: number; readonly width: number } {
  const [first, second] = [
    sizeInside('reference', reference, border),
    sizeInside('test', test, border),
  ];
  if (first.height !== second.height || first.width !== second.width)
    throw new ParameterError('test', `the reference's shape [${reference.shape}]`, test.shape);
  return first;
}

/**
 * A picture without its border.
 * @throws ParameterError where it is not [3, H, W] or the border leaves no pixel.
 */
export function withoutBorder(name: string, picture: Tensor, border: number): Tensor {
  const { height, width } = sizeInside(name, picture, border);
  return cropped(picture, { left: border, top: border, width, height });
}

/** @throws ParameterError unless the border is a whole number of pixels. */
export function checkBorder(border: number): void {
  if (!Number.isInteger(border) || border < 0)
    throw new ParameterError('border', 'a non-negative integer', border);
}

/** A figure as it is; only pictures that are not finite give none, an error. */
export function numeric(figure: number): number {
  if (Number.isNaN(figure) || figure === -Infinity)
    throw new ParameterError('reference, test', 'finite values', 'NaN or infinity among them');
  return figure;
}

function sizeInside(
  name: string,
  { shape }: Tensor,
  border: number,
): { height: number; width: number } {
  if (shape.length !== 3 || shape[0] !== 3)
    throw new ParameterError(name, 'a picture [3, height, width]', shape);
  const height = shape[1]! - 2 * border;
  const width = shape[2]! - 2 * border;
  if (height < 1 || width < 1)
    throw new ParameterError(name, `pixels inside the \`border\` of ${border}`, shape);
  return { height, width };
}

function scaled(values: Float32Array): Float64Array {
  const result = new Float64Array(values.length);
  for (let index = 0; index < values.length; index++) result[index] = values[index]! * 255;
  return result;
}
