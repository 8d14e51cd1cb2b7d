import { ParameterError } from '../../tensor/errors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { checkColour } from './shapes.js';

// Colour, row and column within the 2 x 2 cell, plane by plane.
const cells = [
  [0, 0, 0],
  [1, 0, 1],
  [1, 1, 0],
  [2, 1, 1],
] as const;

/**
 * What an RGGB sensor keeps of a picture: plane 0 is red, 1 the green beside red, 2 the green
 * beside blue, 3 blue.
 *
 * @param image [3, H, W] with even sides.
 * @returns [4, H/2, W/2].
 * @throws ParameterError for another shape or odd sides.
 */
export function mosaic(image: Tensor): Tensor {
  checkColour(image);
  const [, height = 0, width = 0] = image.shape;
  if (height % 2 !== 0 || width % 2 !== 0)
    throw new ParameterError('image', 'even height and width', image.shape, 'Crop one line.');
  const rows = height / 2;
  const columns = width / 2;
  const result = new Float32Array(4 * rows * columns);
  cells.forEach(([colour, top, left], plane) => {
    for (let y = 0; y < rows; y++) {
      const from = (colour * height + 2 * y + top) * width + left;
      const to = (plane * rows + y) * columns;
      for (let x = 0; x < columns; x++) result[to + x] = image.data[from + 2 * x]!;
    }
  });
  return tensor([4, rows, columns], result);
}
