import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { checkColour } from '../degradation.js';

// Colour, row and column within the 2 x 2 cell, plane by plane.
const cells = [
  [0, 0, 0],
  [1, 0, 1],
  [1, 1, 0],
  [2, 1, 1],
] as const;

/**
 * The samples of an RGGB sensor: plane 0 is red, 1 the green beside red, 2 the green
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

/**
 * Bilinear demosaicking: where the sensor samples a colour, that sample, elsewhere the mean of its
 * nearest samples, two or four. At the border the samples are mirrored about the last one, which
 * keeps their colours in place. A constant colour comes out exactly, and a linear ramp everywhere
 * but in the outermost line.
 *
 * @param packed [4, h, w] RGGB: red, the green beside red, the green beside blue, blue.
 * @returns [3, 2h, 2w] in the same units.
 * @throws ParameterError for another shape.
 */
export function demosaicBilinear(packed: Tensor): Tensor {
  const [planes, rows = 0, columns = 0] = packed.shape;
  if (packed.shape.length !== 3 || planes !== 4)
    throw new ParameterError('packed', 'a tensor [4, height, width]', packed.shape);
  const result = tensor([3, 2 * rows, 2 * columns]);
  interpolateCorner(packed, { plane: 0, site: 0 }, result, 0);
  interpolateGreen(packed, result);
  interpolateCorner(packed, { plane: 3, site: 1 }, result, 2);
  return result;
}

/** Red or blue: one sample in each cell, at row and column `site`. */
function interpolateCorner(
  packed: Tensor,
  { plane, site }: { readonly plane: number; readonly site: number },
  result: Tensor,
  channel: number,
): void {
  const [, rows = 0, columns = 0] = packed.shape;
  const { data } = packed;
  const start = plane * rows * columns;
  const width = 2 * columns;
  const sides = Array.from({ length: width }, (_, x) => neighbours(x, site, columns));
  for (let y = 0; y < 2 * rows; y++) {
    const [above, below] = neighbours(y, site, rows);
    const up = start + above * columns;
    const down = start + below * columns;
    const to = (channel * 2 * rows + y) * width;
    for (let x = 0; x < width; x++) {
      const [left, right] = sides[x]!;
      result.data[to + x] =
        (data[up + left]! + data[up + right]! + data[down + left]! + data[down + right]!) / 4;
    }
  }
}

/** The two samples of a plane around a position of the mosaic, equal where the plane is sampled. */
function neighbours(position: number, site: number, count: number): readonly [number, number] {
  const before = (position - site) >> 1;
  if (((position - site) & 1) === 0) return [before, before];
  const after = before + 1;
  if (before < 0) return [after, after];
  return after >= count ? [before, before] : [before, after];
}

function interpolateGreen(packed: Tensor, result: Tensor): void {
  const [, rows = 0, columns = 0] = packed.shape;
  const { data } = packed;
  const height = 2 * rows;
  const width = 2 * columns;
  const plane = rows * columns;
  const at = (y: number, x: number) => data[(1 + (y & 1)) * plane + (y >> 1) * columns + (x >> 1)]!;
  for (let y = 0; y < height; y++) {
    const above = y === 0 ? 1 : y - 1;
    const below = y === height - 1 ? height - 2 : y + 1;
    for (let x = 0; x < width; x++) {
      const to = height * width + y * width + x;
      if (((y + x) & 1) === 1) {
        result.data[to] = at(y, x);
        continue;
      }
      const before = x === 0 ? 1 : x - 1;
      const after = x === width - 1 ? width - 2 : x + 1;
      result.data[to] = (at(above, x) + at(below, x) + at(y, before) + at(y, after)) / 4;
    }
  }
}
