import { ParameterError } from '../../tensor/errors.js';
import { mirrored } from '../blur/planes.js';
import { type IterationLimits, solveByConjugateGradients } from './conjugate-gradients.js';
import { channelsOf, type ForwardOperator } from './forward-operator.js';
import { realsOf, zeros } from './precision.js';

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
