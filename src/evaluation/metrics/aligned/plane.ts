import type { Tensor } from '../../../tensor/tensor.js';

/** A plane of values, row by row. */
export interface Plane {
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** The mean of the channels of a picture [C, H, W]. */
export function meanOfChannels({ shape, data }: Tensor): Plane {
  const [channels, height, width] = shape as [number, number, number];
  const pixels = height * width;
  const result = new Float32Array(pixels);
  for (let channel = 0; channel < channels; channel++)
    for (let index = 0; index < pixels; index++)
      result[index]! += data[channel * pixels + index]! / channels;
  return { height, width, data: result };
}

/** Means over cells of side x side pixels; what does not fill a cell is left out. */
export function cellMeans(plane: Plane, side: number): Plane {
  const [height, width] = [Math.floor(plane.height / side), Math.floor(plane.width / side)];
  const data = new Float32Array(height * width);
  for (let row = 0; row < height * side; row++)
    for (let column = 0; column < width * side; column++)
      data[Math.floor(row / side) * width + Math.floor(column / side)]! +=
        plane.data[row * plane.width + column]! / side ** 2;
  return { height, width, data };
}
