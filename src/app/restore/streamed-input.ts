import type { WorkingColour } from '../../images/colour/working-colour.js';
import type { PixelSource } from '../../images/streamed-reader.js';
import { type DegradedInput, rectangleOf } from '../../restoration/index.js';
import { tensor } from '../../tensor/tensor.js';
import { treatedPart } from './treatment.js';

/** An image that is read from the disk tile by tile. */
export function streamedInput(
  pixels: PixelSource,
  hasAlpha: boolean,
  colour: WorkingColour,
): DegradedInput {
  const { height, width } = pixels;
  return {
    height,
    width,
    cut: async (tile) => {
      const { shape, data } = await treatedPart(pixels, rectangleOf(tile), hasAlpha, colour);
      return tensor([1, ...shape], data);
    },
    finish: (output) => output,
  };
}
