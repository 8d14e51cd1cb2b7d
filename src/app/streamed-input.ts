import { colourPlanes } from '../image/decode.js';
import type { PixelSource } from '../image/readers/pixel-source.js';
import { type DegradedInput, rectangleOf } from '../restoration/index.js';
import { tensor } from '../tensor/tensor.js';

/** A picture that is read from the disk tile by tile. */
export function streamedInput(pixels: PixelSource): DegradedInput {
  const { height, width } = pixels;
  return {
    height,
    width,
    cut: async (tile) => {
      const { shape, data } = colourPlanes(await pixels.read(rectangleOf(tile)));
      return tensor([1, ...shape], data);
    },
    finish: (output) => output,
  };
}
