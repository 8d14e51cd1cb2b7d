import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';

/** How to warp. */
export interface WarpOptions {
  /** Size of the result; that of the image by default. */
  readonly height?: number;
  readonly width?: number;
  /**
   * `exact` samples where the matrix maps to; `fixed-point` on the 1/32-pixel grid of OpenCV's
   * `warpAffine`, for comparison with images made by it.
   */
  readonly positions?: 'exact' | 'fixed-point';
}

/**
 * Moves an image by an affine map with bilinear sampling. What lies outside the image is zero.
 *
 * @param image [..., H, W]; every leading dimension counts planes.
 * @param matrix from positions (x, y) of the image to positions of the result, in pixels, pixel
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
 * Samples an image bilinearly at an affine grid, as `warpAffine` does with the inverse of its
 * matrix.
 *
 * @param image [..., H, W].
 * @param matrix from positions of the result to positions of the image.
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

/** Where the pixel (x, y) of a result is sampled. */
export interface Positions {
  x(x: number, y: number): number;
  y(x: number, y: number): number;
}

/** Positions by the map. */
function exactPositions(map: AffineMatrix): Positions {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = map;
  return {
    x: (x, y) => a * x + b * y + c,
    y: (x, y) => d * x + e * y + f,
  };
}

// OpenCV adds a column's and a row's part in 1/1024 pixel and keeps 1/32.
const partsPerPixel = 1024;
const partsPerStep = 32;

/** Positions in the fixed-point arithmetic of OpenCV's `warpAffine`: multiples of 1/32 pixel. */
function fixedPointPositions(map: AffineMatrix): Positions {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = map;
  const snap = (column: number, row: number): number => {
    const parts = roundToEven(row * partsPerPixel) + roundToEven(column * partsPerPixel);
    return Math.floor((parts + partsPerStep / 2) / partsPerStep) / (partsPerPixel / partsPerStep);
  };
  return {
    x: (x, y) => snap(a * x, b * y + c),
    y: (x, y) => snap(d * x, e * y + f),
  };
}

function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** Two rows [a, b, c], row-major: x' = a x + b y + c. */
export type AffineMatrix = readonly number[];

/** Movement of a hand-held camera between two exposures. */
export interface HandShake {
  /** Pixels to the right and downwards, applied before the rotation. */
  readonly x: number;
  readonly y: number;
  /** Degrees, counter-clockwise as seen. */
  readonly rotation: number;
}

/**
 * The map of an image's positions to where a hand shake moves them: the translation, then the
 * rotation about (width / 2, height / 2), as in the burst protocol.
 */
export function handShakeMatrix(
  { x, y, rotation }: HandShake,
  height: number,
  width: number,
): AffineMatrix {
  const angle = (rotation * Math.PI) / 180;
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  const centreX = width / 2;
  const centreY = height / 2;
  const turn = [
    cosine,
    sine,
    (1 - cosine) * centreX - sine * centreY,
    -sine,
    cosine,
    sine * centreX + (1 - cosine) * centreY,
  ];
  return composeAffine(turn, [1, 0, x, 0, 1, y]);
}

/** The map that does `second` after `first`. */
export function composeAffine(second: AffineMatrix, first: AffineMatrix): AffineMatrix {
  checkAffine(second);
  checkAffine(first);
  return [0, 3].flatMap((row) => [
    second[row]! * first[0]! + second[row + 1]! * first[3]!,
    second[row]! * first[1]! + second[row + 1]! * first[4]!,
    second[row]! * first[2]! + second[row + 1]! * first[5]! + second[row + 2]!,
  ]);
}

/**
 * The inverse map.
 * @throws ParameterError for a matrix that is singular or not of six finite numbers.
 */
export function invertAffine(matrix: AffineMatrix): AffineMatrix {
  checkAffine(matrix);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = matrix;
  const determinant = a * e - b * d;
  if (determinant === 0) throw new ParameterError('matrix', 'an invertible map', matrix);
  const scale = 1 / determinant;
  const inverse = [e * scale, -b * scale, -d * scale, a * scale] as const;
  return [
    inverse[0],
    inverse[1],
    -inverse[0] * c - inverse[1] * f,
    inverse[2],
    inverse[3],
    -inverse[2] * c - inverse[3] * f,
  ];
}

function checkAffine(matrix: AffineMatrix): void {
  if (matrix.length !== 6 || !matrix.every(Number.isFinite))
    throw new ParameterError('matrix', 'six finite numbers', matrix);
}
