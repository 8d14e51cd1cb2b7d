import { uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { checkColour } from '../degradation.js';

/** Three rows of three, row-major. */
export type ColourMatrix = readonly number[];

/**
 * XYZ (D65) to camera space, for the four cameras of the Darmstadt Noise Dataset: the matrices that
 * Brooks et al. (2019) published with their code and that the burst protocol mixes. The last three
 * are also LibRaw's for these cameras or their sisters.
 */
export const cameraMatrices: Readonly<Record<string, ColourMatrix>> = {
  'Huawei Nexus 6P': [1.0234, -0.2969, -0.2266, -0.5625, 1.6328, -0.0469, -0.0703, 0.2188, 0.6406],
  'Sony ILCE-7R': [0.4913, -0.0541, -0.0202, -0.613, 1.3513, 0.2906, -0.1564, 0.2151, 0.7183],
  'Olympus E-M10': [0.838, -0.263, -0.0639, -0.2887, 1.0725, 0.2496, -0.0627, 0.1427, 0.5438],
  'Sony DSC-RX100M4': [0.6596, -0.2079, -0.0562, -0.4782, 1.3016, 0.1933, -0.097, 0.1581, 0.5181],
};

/** How many uniform numbers `drawColourMatrix` takes. */
export const colourMatrixDraws = Object.keys(cameraMatrices).length;

// Linear sRGB to XYZ (D65), IEC 61966-2-1 in the digits that the protocol uses.
const rgbToXyz: ColourMatrix = [
  0.4124564, 0.3575761, 0.1804375, 0.2126729, 0.7151522, 0.072175, 0.0193339, 0.119192, 0.9503041,
];

/**
 * Linear sRGB to the space of a camera between the published ones. Each row sums to 1, so that
 * grey stays grey: white balance is the matter of the gains.
 *
 * @param weights one per camera of `cameraMatrices`, not negative, not all zero; only their
 *   proportions count.
 * @throws ParameterError for other weights.
 */
export function mixColourMatrix(weights: readonly number[]): ColourMatrix {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (
    weights.length !== colourMatrixDraws ||
    !weights.every((weight) => weight >= 0) ||
    !(total > 0 && Number.isFinite(total))
  )
    throw new ParameterError(
      'weights',
      `${colourMatrixDraws} numbers that are not negative and not all zero`,
      weights,
    );
  const xyzToCamera = new Array<number>(9).fill(0);
  Object.values(cameraMatrices).forEach((matrix, camera) => {
    matrix.forEach((value, at) => {
      xyzToCamera[at]! += (value * weights[camera]!) / total;
    });
  });
  const mixed = multiply(xyzToCamera, rgbToXyz);
  return mixed.map((value, at) => {
    const row = 3 * Math.floor(at / 3);
    return value / (mixed[row]! + mixed[row + 1]! + mixed[row + 2]!);
  });
}

/** A random mixture with uniform weights, from the uniform numbers index, index + 1, ... */
export function drawColourMatrix(seed: number, stream: number, index = 0): ColourMatrix {
  return mixColourMatrix(
    Array.from({ length: colourMatrixDraws }, (_, at) => uniformAt(seed, stream, index + at)),
  );
}

/**
 * The inverse matrix.
 * @throws ParameterError for a singular matrix or one that is not of nine finite numbers.
 */
export function invertColourMatrix(matrix: ColourMatrix): ColourMatrix {
  checkMatrix(matrix);
  const cofactor = (row: number, column: number): number => {
    const at = (r: number, c: number) => matrix[3 * ((row + r) % 3) + ((column + c) % 3)]!;
    return at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1);
  };
  const determinant =
    matrix[0]! * cofactor(0, 0) + matrix[1]! * cofactor(0, 1) + matrix[2]! * cofactor(0, 2);
  if (determinant === 0) throw new ParameterError('matrix', 'an invertible matrix', matrix);
  return matrix.map((_, at) => cofactor(at % 3, Math.floor(at / 3)) / determinant);
}

/**
 * Multiplies every pixel by the matrix; nothing is clamped.
 *
 * @param image [3, H, W].
 * @throws ParameterError for another shape or a matrix that is not of nine finite numbers.
 */
export function applyColourMatrix(image: Tensor, matrix: ColourMatrix): Tensor {
  checkColour(image);
  checkMatrix(matrix);
  const pixels = image.data.length / 3;
  const result = new Float32Array(image.data.length);
  for (let row = 0; row < 3; row++) {
    const a = matrix[3 * row]!;
    const b = matrix[3 * row + 1]!;
    const c = matrix[3 * row + 2]!;
    for (let at = 0; at < pixels; at++)
      result[row * pixels + at] =
        a * image.data[at]! + b * image.data[pixels + at]! + c * image.data[2 * pixels + at]!;
  }
  return tensor(image.shape, result);
}

function multiply(left: ColourMatrix, right: ColourMatrix): number[] {
  return left.map((_, at) => {
    const row = 3 * Math.floor(at / 3);
    const column = at % 3;
    return (
      left[row]! * right[column]! +
      left[row + 1]! * right[3 + column]! +
      left[row + 2]! * right[6 + column]!
    );
  });
}

function checkMatrix(matrix: ColourMatrix): void {
  if (matrix.length !== 9 || !matrix.every(Number.isFinite))
    throw new ParameterError('matrix', 'nine finite numbers', matrix);
}
