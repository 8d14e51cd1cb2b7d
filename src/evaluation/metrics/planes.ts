import { ParameterError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
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
  const [channels, fullHeight, fullWidth] = picture.shape as [number, number, number];
  if (picture.shape.length !== 3 || channels !== 3)
    throw new ParameterError(name, 'a picture [3, height, width]', picture.shape);
  const height = fullHeight - 2 * border;
  const width = fullWidth - 2 * border;
  if (height < 1 || width < 1)
    throw new ParameterError(name, `pixels inside a border of ${border}`, picture.shape);
  const pixels = fullHeight * fullWidth;
  const full =
    colourSpace === 'luma'
      ? [luma(picture)]
      : [0, 1, 2].map((channel) =>
          scaled(picture.data.subarray(channel * pixels, (channel + 1) * pixels)),
        );
  return {
    height,
    width,
    planes: full.map((plane) => crop(plane, fullWidth, border, height, width)),
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
  const pair = [
    planesOf('reference', reference, colourSpace, border),
    planesOf('test', test, colourSpace, border),
  ] as const;
  if (pair[0].height !== pair[1].height || pair[0].width !== pair[1].width)
    throw new ParameterError('test', `the reference's shape [${reference.shape}]`, test.shape);
  return pair;
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

function scaled(values: Float32Array): Float64Array {
  const result = new Float64Array(values.length);
  for (let index = 0; index < values.length; index++) result[index] = values[index]! * 255;
  return result;
}

function crop(
  plane: Float64Array,
  fullWidth: number,
  border: number,
  height: number,
  width: number,
): Float64Array {
  if (border === 0) return plane;
  const result = new Float64Array(height * width);
  for (let row = 0; row < height; row++) {
    const from = (row + border) * fullWidth + border;
    result.set(plane.subarray(from, from + width), row * width);
  }
  return result;
}
