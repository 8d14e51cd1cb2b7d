import { ParameterError } from '../utils/errors.js';
import { type Tensor, tensor } from './tensor.js';

/** A rectangle of an image in pixels. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Extents of planes that lie one after another, row by row. */
export type PlaneSize = readonly [channels: number, height: number, width: number];

type PlaneArray = Float32Array | Float64Array | Uint8Array;

/**
 * Where the rows of a rectangle begin in planes of a size: all rows of the first plane, then those
 * of the next.
 * @throws ParameterError where the rectangle leaves the planes.
 */
export function* windowRows(
  [channels, height, width]: PlaneSize,
  rectangle: Rectangle,
): Generator<number> {
  const { left, top, height: rows } = rectangle;
  if (!isWithin(rectangle, { height, width }))
    throw new ParameterError(
      'rectangle',
      `a part of ${width} x ${height} pixels`,
      `${rectangle.width} x ${rows} at ${left}, ${top}`,
    );
  for (let channel = 0; channel < channels; channel += 1)
    for (let row = 0; row < rows; row += 1) yield (channel * height + top + row) * width + left;
}

/**
 * Copies a rectangle out of planes of a size.
 * @param into as many planes of the rectangle's size.
 * @returns `into`.
 * @throws ParameterError where the rectangle leaves the planes.
 */
export function copyWindow<Into extends PlaneArray>(
  planes: PlaneArray,
  size: PlaneSize,
  rectangle: Rectangle,
  into: Into,
): Into {
  const { width } = rectangle;
  let place = 0;
  for (const start of windowRows(size, rectangle)) {
    into.set(planes.subarray(start, start + width), place);
    place += width;
  }
  return into;
}

/**
 * The part of an image [C, H, W] in a rectangle; the image itself where that is all of it.
 * @throws ParameterError where the rectangle leaves the image.
 */
export function cropped(image: Tensor, rectangle: Rectangle): Tensor {
  const [channels, fullHeight, fullWidth] = image.shape as [number, number, number];
  const { left, top, width, height } = rectangle;
  if (left === 0 && top === 0 && width === fullWidth && height === fullHeight) return image;
  const part = tensor([channels, height, width]);
  copyWindow(image.data, [channels, fullHeight, fullWidth], rectangle, part.data);
  return part;
}

/** As much of an image [C, H, W], from the top left, as has sides that are multiples of `step`. */
export function multipleOf(step: number, { shape }: Tensor): Rectangle {
  const [, height = 0, width = 0] = shape;
  return { left: 0, top: 0, width: width - (width % step), height: height - (height % step) };
}

/** Whether a rectangle of whole pixels, at least one, lies in an image. */
export function isWithin(
  { left, top, width, height }: Rectangle,
  image: { readonly width: number; readonly height: number },
): boolean {
  return (
    [left, top, width, height].every(Number.isInteger) &&
    Math.min(left, top) >= 0 &&
    Math.min(width, height) >= 1 &&
    left + width <= image.width &&
    top + height <= image.height
  );
}
