import { ParameterError } from '../tensor/errors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { type AffineMatrix, invertAffine } from './affine.js';
import { exactPositions, fixedPointPositions, type Positions } from './warp-positions.js';

/** How to warp. */
export interface WarpOptions {
  /** Size of the result; that of the picture by default. */
  readonly height?: number;
  readonly width?: number;
  /**
   * `exact` places samples as the matrix says; `fixed-point` on the 1/32-pixel grid of OpenCV's
   * `warpAffine`, for comparison with pictures made by it.
   */
  readonly positions?: 'exact' | 'fixed-point';
}

/**
 * Moves a picture by an affine map with bilinear sampling. What lies outside the picture is zero.
 *
 * @param image [..., H, W]; every leading dimension counts planes.
 * @param matrix from places (x, y) of the picture to places of the result, in pixels, pixel
 *   centres at integers.
 * @throws ParameterError for a rank below two, a matrix without inverse or a size that is not
 *   positive.
 */
export function warpAffine(image: Tensor, matrix: AffineMatrix, options: WarpOptions = {}): Tensor {
  const inverse = invertAffine(matrix);
  const { height = image.shape.at(-2)!, width = image.shape.at(-1)! } = options;
  const positions =
    options.positions === 'fixed-point' ? fixedPointPositions(inverse) : exactPositions(inverse);
  return sample(image, positions, height, width);
}

/**
 * Samples a picture bilinearly at an affine grid, as `warpAffine` does with the inverse of its
 * matrix.
 *
 * @param image [..., H, W].
 * @param matrix from places of the result to places of the picture.
 * @throws ParameterError for a rank below two or a size that is not positive.
 */
export function sampleAffine(
  image: Tensor,
  matrix: AffineMatrix,
  height: number,
  width: number,
): Tensor {
  return sample(image, exactPositions(matrix), height, width);
}

function sample(image: Tensor, positions: Positions, height: number, width: number): Tensor {
  if (image.shape.length < 2)
    throw new ParameterError('image', 'a tensor [..., height, width]', image.shape);
  for (const [name, side] of Object.entries({ height, width }))
    if (!Number.isInteger(side) || side < 1)
      throw new ParameterError(name, 'a positive integer', side);
  const sourceHeight = image.shape.at(-2)!;
  const sourceWidth = image.shape.at(-1)!;
  const leading = image.shape.slice(0, -2);
  const planes = leading.reduce((product, extent) => product * extent, 1);
  const result = new Float32Array(planes * height * width);
  const sourceArea = sourceHeight * sourceWidth;
  const { data } = image;
  const at = (plane: number, y: number, x: number): number =>
    x >= 0 && x < sourceWidth && y >= 0 && y < sourceHeight
      ? data[plane * sourceArea + y * sourceWidth + x]!
      : 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const sourceX = positions.x(x, y);
      const sourceY = positions.y(x, y);
      const left = Math.floor(sourceX);
      const top = Math.floor(sourceY);
      if (!(left >= -1 && left < sourceWidth && top >= -1 && top < sourceHeight)) continue;
      const right = sourceX - left;
      const below = sourceY - top;
      for (let plane = 0; plane < planes; plane++) {
        const upper = at(plane, top, left) * (1 - right) + at(plane, top, left + 1) * right;
        const lower = at(plane, top + 1, left) * (1 - right) + at(plane, top + 1, left + 1) * right;
        result[(plane * height + y) * width + x] = upper * (1 - below) + lower * below;
      }
    }
  return tensor([...leading, height, width], result);
}
