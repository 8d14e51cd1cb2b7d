import { ParameterError } from '../../tensor/errors.js';
import { contributionsByFactor } from '../resize-weights.js';
import { type BandedCholesky, factorise, solveColumns, solveRows } from './banded-cholesky.js';
import {
  type BandedMatrix,
  gramOf,
  matrixOf,
  multiplyColumns,
  multiplyRows,
  transposed,
} from './banded-matrix.js';
import { conjugateGradients } from './conjugate-gradients.js';
import { channelsOf, checkNotNegative, type ForwardOperator } from './forward-operator.js';
import { realsOf, zeros } from './precision.js';

/** The reduction of an image by a factor along both axes. */
export interface BicubicReduction extends ForwardOperator {
  /** Pixels of the image per pixel of the measurement along each axis. */
  readonly scale: number;
}

/**
 * `resizeBicubic(x, { scale: 1 / scale })` as an operator: A = R_v ⊗ R_h, where each R holds the
 * weights of one axis, mirrored at the border.
 *
 * Both Gram matrices G = R R^T are banded, so that (A A^T)^-1 = G_v^-1 ⊗ G_h^-1 is applied exactly
 * by banded Cholesky factors. With lambda the sum is no product any more; since the condition number
 * of A A^T is about 4 (up to 700 where the sides are one pixel more than a multiple of 8), few
 * conjugate gradients are enough. All take time proportional to the number of pixels.
 *
 * @param scale whole, at least 2.
 * @param height of the image, as width; the measurement has ceil(side / scale) pixels.
 * @throws ParameterError for numbers that are not whole or too small.
 * @example
 * const operator = bicubicReduction(4, 512, 384);
 * const measurement = operator.apply(image); // [3, 512, 384] to [3, 128, 96]
 */
export function bicubicReduction(scale: number, height: number, width: number): BicubicReduction {
  if (!(Number.isInteger(scale) && scale >= 2))
    throw new ParameterError('scale', 'an integer of at least 2', scale);
  const vertical = axisOf('height', height, scale);
  const horizontal = height === width ? vertical : axisOf('width', width, scale);
  const input = { height, width };
  const output = { height: vertical.length, width: horizontal.length };
  const area = output.height * output.width;

  return {
    name: `bicubic reduction by ${scale}`,
    scale,
    input,
    output,
    apply(image) {
      const channels = channelsOf('image', image, input);
      const result = zeros(image.dataType, [channels, output.height, output.width]);
      const between = new Float64Array(output.height * width);
      for (let plane = 0; plane < channels; plane++) {
        const from = plane * height * width;
        multiplyColumns(vertical.matrix, width, realsOf(image), from, between, 0);
        multiplyRows(horizontal.matrix, output.height, between, 0, realsOf(result), plane * area);
      }
      return result;
    },
    adjoint(measurement) {
      const channels = channelsOf('measurement', measurement, output);
      const result = zeros(measurement.dataType, [channels, height, width]);
      const between = new Float64Array(output.height * width);
      for (let plane = 0; plane < channels; plane++) {
        const { height: rows } = output;
        multiplyRows(horizontal.transpose, rows, realsOf(measurement), plane * area, between, 0);
        multiplyColumns(
          vertical.transpose,
          width,
          between,
          0,
          realsOf(result),
          plane * height * width,
        );
      }
      return result;
    },
    solve(residual, lambda) {
      checkNotNegative('lambda', lambda);
      const channels = channelsOf('residual', residual, output);
      const result = zeros(residual.dataType, residual.shape);
      for (let plane = 0; plane < channels; plane++) {
        const right = Float64Array.from(
          realsOf(residual).subarray(plane * area, (plane + 1) * area),
        );
        realsOf(result).set(solvePlane(vertical, horizontal, right, lambda), plane * area);
      }
      return result;
    },
  };
}

interface Axis {
  readonly length: number;
  readonly matrix: BandedMatrix;
  readonly transpose: BandedMatrix;
  readonly gram: BandedMatrix;
  readonly factor: BandedCholesky;
}

function axisOf(name: string, length: number, scale: number): Axis {
  if (!(Number.isInteger(length) && length >= 1))
    throw new ParameterError(name, 'a positive integer', length);
  const matrix = matrixOf(contributionsByFactor(length, 1 / scale), length);
  const transpose = transposed(matrix);
  const gram = gramOf(matrix, transpose);
  return { length: matrix.rows, matrix, transpose, gram, factor: factorise(gram) };
}

/** The relative residual that conjugate gradients leave, below the rounding of float32. */
const tolerance = 1e-8;

function solvePlane(
  vertical: Axis,
  horizontal: Axis,
  right: Float64Array,
  lambda: number,
): Float64Array {
  if (lambda === 0) {
    solveColumns(vertical.factor, horizontal.length, right);
    solveRows(horizontal.factor, vertical.length, right);
    return right;
  }
  const between = new Float64Array(right.length);
  const multiply = (vector: Float64Array, into: Float64Array): void => {
    multiplyColumns(vertical.gram, horizontal.length, vector, 0, between, 0);
    multiplyRows(horizontal.gram, vertical.length, between, 0, into, 0);
    for (let at = 0; at < into.length; at++) into[at]! += lambda * vector[at]!;
  };
  return conjugateGradients(multiply, right, { tolerance });
}
