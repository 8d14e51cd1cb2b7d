import { srgbToLinear } from '../degradation/camera/transfer-curves.js';
import type { Tensor } from '../tensor/tensor.js';
import { cropped } from '../tensor/window.js';
import { ParameterError } from '../utils/errors.js';
import type { ColourSpace } from './metric.js';

/** One channel of an image, row by row. */
export interface Plane<Data extends Float32Array | Float64Array = Float64Array> {
  readonly height: number;
  readonly width: number;
  readonly data: Data;
}

/** A plane at the precision of tensors. */
export type FloatPlane = Plane<Float32Array>;

/** The planes that a metric compares, on the scale 0..255. */
export function planesOf(image: Tensor, colourSpace: ColourSpace): Plane[] {
  const [, height, width] = image.shape as [number, number, number];
  if (colourSpace === 'luma') return [{ height, width, data: luma(image) }];
  const pixels = height * width;
  return [0, 1, 2].map((channel) => ({
    ...{ height, width },
    data: scaled(image.data.subarray(channel * pixels, (channel + 1) * pixels)),
  }));
}

/**
 * The size of a reference and a test image inside a border, in pixels.
 * @throws ParameterError where either is no image or their sizes differ.
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
 * An image without its border.
 * @throws ParameterError where it is not [3, H, W] or the border leaves no pixel.
 */
export function withoutBorder(name: string, image: Tensor, border: number): Tensor {
  const { height, width } = sizeInside(name, image, border);
  return cropped(image, { left: border, top: border, width, height });
}

/** @throws ParameterError unless the border is a whole number of pixels. */
export function checkBorder(border: number): void {
  if (!Number.isInteger(border) || border < 0)
    throw new ParameterError('border', 'a non-negative integer', border);
}

/** @throws ParameterError where a score is none, because the images were not finite. */
export function finiteScore(score: number): number {
  if (Number.isNaN(score) || score === -Infinity)
    throw new ParameterError('reference, test', 'finite values', 'NaN or infinity among them');
  return score;
}

function sizeInside(
  name: string,
  { shape }: Tensor,
  border: number,
): { height: number; width: number } {
  if (shape.length !== 3 || shape[0] !== 3)
    throw new ParameterError(name, 'an image [3, height, width]', shape);
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

/**
 * BT.601 luma as MATLAB's `rgb2ycbcr` defines it, on the scale of 8-bit images but not rounded:
 * 16 + 65.481 R + 128.553 G + 24.966 B, in [16, 235].
 * @param image [3, H, W] R G B in [0, 1].
 */
export function luma({ data }: Tensor): Float64Array {
  const pixels = data.length / 3;
  const result = new Float64Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++)
    result[pixel] =
      16 +
      65.481 * data[pixel]! +
      128.553 * data[pixels + pixel]! +
      24.966 * data[2 * pixels + pixel]!;
  return result;
}

/** The planes of the colour space of JPEG files. */
export type YcbcrPlane = 'y' | 'cb' | 'cr';

/**
 * A plane of full-range BT.601, the colour space of JPEG files (ITU-T T.871), on the scale of 8-bit
 * images but not rounded: Y = 0.299 R + 0.587 G + 0.114 B in [0, 255], Cb = (B - Y) / 1.772 and
 * Cr = (R - Y) / 1.402 in [-127.5, 127.5].
 * @param image [3, H, W] R G B in [0, 1].
 */
export function ycbcrPlane({ data }: Tensor, plane: YcbcrPlane): Float64Array {
  const pixels = data.length / 3;
  const result = new Float64Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const red = 255 * data[pixel]!;
    const blue = 255 * data[2 * pixels + pixel]!;
    const y = 0.299 * red + 0.587 * 255 * data[pixels + pixel]! + 0.114 * blue;
    if (plane === 'y') result[pixel] = y;
    else result[pixel] = plane === 'cb' ? (blue - y) / 1.772 : (red - y) / 1.402;
  }
  return result;
}

const ofBytes = Float64Array.from({ length: 256 }, (_, byte) => srgbToLinear(byte / 255));

/**
 * Linear light in [0, 1] of the three channels of an sRGB image, whose values are clamped to
 * [0, 1]. Values of 8 bits are looked up.
 * @param image [3, H, W] R G B.
 */
export function linearLight({ shape, data }: Tensor): Plane[] {
  const [, height, width] = shape as [number, number, number];
  const pixels = height * width;
  return [0, 1, 2].map((channel) => {
    const light = new Float64Array(pixels);
    const from = channel * pixels;
    for (let at = 0; at < pixels; at++) light[at] = lightOf(data[from + at]!);
    return { height, width, data: light };
  });
}

function lightOf(value: number): number {
  const byte = Math.round(255 * value);
  if (Math.fround(byte / 255) === value && byte >= 0 && byte <= 255) return ofBytes[byte]!;
  // Math.min and Math.max keep NaN, which must not pass for a score.
  return srgbToLinear(Math.min(1, Math.max(0, value)));
}
