import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { checkColour } from '../camera/shapes.js';
import type { Degradation } from '../degradation.js';
import { transferOf } from '../light/transfer.js';
import { roundToBytes } from '../round-to-bytes.js';
import type { KernelBlurSettings } from '../settings.js';
import { rowConvolver } from './convolve.js';
import { type Kernel, kernelOf, reachOf } from './kernel.js';
import { lightPlanes } from './planes.js';

/**
 * Blurs pictures with a measured kernel: convolution, so that a bright point becomes the kernel.
 * Outside its edges the picture is mirrored.
 * @throws ParameterError for rows of different length or weights that are negative or all zero.
 */
export function kernelBlur(settings: KernelBlurSettings): Degradation {
  const kernel = centredKernel(settings);
  const border = reachOf(kernel);
  const transfer = transferOf(settings.light);
  return {
    name: 'measured kernel',
    scale: 1,
    margin: border,
    apply: (picture) => {
      checkColour(picture);
      const [count = 0, height = 0, width = 0] = picture.shape;
      if (height === 0 || width === 0)
        throw new ParameterError('image', 'at least one pixel', picture.shape);
      const convolve = rowConvolver(lightPlanes(picture, border, transfer), kernel);
      const result = new Float32Array(picture.data.length);
      const sums = new Float64Array(width);
      for (let row = 0; row < count * height; row++) {
        sums.fill(0);
        convolve(Math.floor(row / height), row % height, 0, width, sums);
        result.set(sums, row * width);
      }
      transfer.encode(result);
      return tensor(picture.shape, settings.round ? roundToBytes(result) : result);
    },
  };
}

/** The kernel of an array, normalised, with its centre where the settings say. */
export function centredKernel({ kernel, centre }: KernelBlurSettings): Kernel {
  const width = kernel[0]!.length;
  if (kernel.some((row) => row.length !== width))
    throw new ParameterError(
      'kernel',
      `rows of ${width} numbers`,
      kernel.map((row) => row.length),
    );
  const points = kernel.flatMap((row, y) => row.map((weight, x) => ({ x, y, weight })));
  const negative = points.find(({ weight }) => !(weight >= 0 && Number.isFinite(weight)));
  if (negative)
    throw new ParameterError('kernel', 'weights that are not negative', negative.weight);
  const sum = points.reduce((total, { weight }) => total + weight, 0);
  if (sum === 0) throw new ParameterError('kernel', 'weights that are not all zero', 0);
  let x = (width - 1) >> 1;
  let y = (kernel.length - 1) >> 1;
  if (centre !== 'middle') {
    x = points.reduce((total, point) => total + point.weight * point.x, 0) / sum;
    y = points.reduce((total, point) => total + point.weight * point.y, 0) / sum;
  }
  if (centre === 'pixel') {
    x = Math.round(x);
    y = Math.round(y);
  }
  const used = points.filter(({ weight }) => weight > 0);
  return kernelOf(
    { x: column(used, (point) => point.x - x), y: column(used, (point) => point.y - y) },
    column(used, ({ weight }) => weight),
  );
}

function column<T>(points: readonly T[], value: (point: T) => number): Float64Array {
  return Float64Array.from(points, value);
}
