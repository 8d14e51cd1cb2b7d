import type { Tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { contributionsByFactor } from '../bicubic-resize.js';
import { mirrored } from '../blur/convolve.js';
import {
  type BandedCholesky,
  type BandedMatrix,
  factorise,
  gramOf,
  matrixOf,
  multiplyColumns,
  multiplyRows,
  solveColumns,
  solveRows,
  transposed,
} from './banded-matrix.js';
import {
  channelsOf,
  checkNotNegative,
  conjugateGradients,
  type ForwardOperator,
  type IterationLimits,
  realsOf,
  solveByConjugateGradients,
  zeros,
} from './forward-operator.js';

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

/**
 * Blur by a kernel: convolution, so that a bright point becomes the kernel, of an image mirrored at
 * its edges with the edge pixel repeated, as the degradations of this folder's parent blur. It acts
 * on the values as they are; for blur in linear light, hand it linear images.
 *
 * `solve` iterates. A kernel that removes frequencies makes A A^T nearly singular, so it needs a
 * lambda: a measurement of blur without noise is only recovered where the kernel is mild.
 *
 * @param kernel rows of weights, an odd number of each; its middle is the origin.
 * @param limits when `solve` stops.
 * @throws ParameterError for another kernel or sizes that are not whole; `solve` throws LimitError.
 * @example
 * const operator = convolution([[0.25, 0.5, 0.25]], 480, 640);
 */
export function convolution(
  kernel: readonly (readonly number[])[],
  height: number,
  width: number,
  limits: IterationLimits = {},
): ForwardOperator {
  const [across, down] = reachesOf(kernel);
  for (const [name, value] of Object.entries({ height, width }))
    if (!(Number.isInteger(value) && value >= 1))
      throw new ParameterError(name, 'a positive integer', value);
  const size = { height, width };
  const stride = width + 2 * across;
  const padded = new Float64Array(stride * (height + 2 * down));
  const row = (y: number): number => mirrored(y - down, height) * width;
  const columns = Int32Array.from({ length: stride }, (_, x) => mirrored(x - across, width));
  // Where the pixel that a tap reads lies in the padded plane, relative to the pixel that it makes.
  const taps = kernel.flatMap((line, y) =>
    line.map((weight, x) => ({ weight, offset: (2 * down - y) * stride + 2 * across - x })),
  );

  const operator: Omit<ForwardOperator, 'solve'> = {
    name: 'convolution',
    input: size,
    output: size,
    apply(image) {
      const channels = channelsOf('image', image, size);
      const result = zeros(image.dataType, image.shape);
      const source = realsOf(image);
      const sums = new Float64Array(width);
      for (let plane = 0; plane < channels; plane++) {
        const origin = plane * height * width;
        for (let y = 0; y < height + 2 * down; y++)
          for (let x = 0; x < stride; x++)
            padded[y * stride + x] = source[origin + row(y) + columns[x]!]!;
        for (let y = 0; y < height; y++) {
          sums.fill(0);
          for (const { weight, offset } of taps) {
            const from = y * stride + offset;
            for (let x = 0; x < width; x++) sums[x]! += weight * padded[from + x]!;
          }
          realsOf(result).set(sums, origin + y * width);
        }
      }
      return result;
    },
    adjoint(measurement) {
      const channels = channelsOf('measurement', measurement, size);
      const result = zeros(measurement.dataType, measurement.shape);
      const source = realsOf(measurement);
      const sums = new Float64Array(height * width);
      for (let plane = 0; plane < channels; plane++) {
        const origin = plane * height * width;
        padded.fill(0);
        for (let y = 0; y < height; y++)
          for (const { weight, offset } of taps) {
            const from = origin + y * width;
            const to = y * stride + offset;
            for (let x = 0; x < width; x++) padded[to + x]! += weight * source[from + x]!;
          }
        sums.fill(0);
        for (let y = 0; y < height + 2 * down; y++)
          for (let x = 0; x < stride; x++) sums[row(y) + columns[x]!]! += padded[y * stride + x]!;
        realsOf(result).set(sums, origin);
      }
      return result;
    },
  };
  return {
    ...operator,
    solve(residual, lambda) {
      channelsOf('residual', residual, size);
      return solveByConjugateGradients(operator, residual, lambda, limits);
    },
  };
}

/** How many taps a kernel has on either side of its middle, across and down. */
function reachesOf(kernel: readonly (readonly number[])[]): [across: number, down: number] {
  const rows = kernel.length;
  const columns = kernel[0]?.length ?? 0;
  if (rows % 2 !== 1 || columns % 2 !== 1 || kernel.some((line) => line.length !== columns))
    throw new ParameterError(
      'kernel',
      'an odd number of equally long rows of an odd number of weights',
      kernel.map((line) => line.length),
    );
  const wrong = kernel.flat().find((weight) => !Number.isFinite(weight));
  if (wrong !== undefined) throw new ParameterError('kernel', 'finite weights', wrong);
  return [(columns - 1) / 2, (rows - 1) / 2];
}

/**
 * The known pixels of an image, for inpainting: y = m x with a mask m of 1 where a pixel is known
 * and 0 elsewhere. On the range of A, the images that are 0 where nothing is known, A A^T = I; what
 * a measurement holds elsewhere is ignored.
 *
 * @param mask [H, W] of zeros and ones; it is copied.
 * @throws ParameterError for another shape or other values.
 * @example
 * const operator = masking(mask);
 * const filled = makeConsistent(operator, estimate, damaged); // known pixels are those of `damaged`
 */
export function masking(mask: Tensor): ForwardOperator {
  const [height = 0, width = 0] = mask.shape;
  if (mask.shape.length !== 2 || height * width === 0)
    throw new ParameterError('mask', 'a tensor [height, width]', mask.shape);
  const other = mask.data.find((value) => value !== 0 && value !== 1);
  if (other !== undefined) throw new ParameterError('mask', 'zeros and ones', other);
  const known = Uint8Array.from(mask.data);
  const size = { height, width };

  const scaled =
    (name: string, factor: number): ForwardOperator['apply'] =>
    (image) => {
      const channels = channelsOf(name, image, size);
      const result = zeros(image.dataType, image.shape);
      const [from, to] = [realsOf(image), realsOf(result)];
      for (let plane = 0; plane < channels; plane++)
        for (let at = 0; at < known.length; at++) {
          const index = plane * known.length + at;
          if (known[at] === 1) to[index] = factor * from[index]!;
        }
      return result;
    };
  return {
    name: 'masking',
    input: size,
    output: size,
    apply: scaled('image', 1),
    adjoint: scaled('measurement', 1),
    solve(residual, lambda) {
      checkNotNegative('lambda', lambda);
      return scaled('residual', 1 / (1 + lambda))(residual);
    },
  };
}
