import { type Tensor, tensor } from '../../tensor/tensor.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import { transferOf } from '../camera/transfer-curves.js';
import { checkColour, type Degradation, roundToBytes } from '../degradation.js';
import type { KernelBlurSettings } from '../settings.js';
import { type Kernel, kernelOf, lightPlanes, reachOf, rowConvolver } from './convolve.js';

/**
 * Blurs images with a measured kernel: convolution, so that a bright point becomes the kernel.
 * Outside its edges the image is mirrored.
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
    apply: (image) => {
      checkColour(image);
      const [count = 0, height = 0, width = 0] = image.shape;
      if (height === 0 || width === 0)
        throw new ParameterError('image', 'at least one pixel', image.shape);
      const convolve = rowConvolver(lightPlanes(image, border, transfer), kernel);
      const result = new Float32Array(image.data.length);
      const sums = new Float64Array(width);
      for (let row = 0; row < count * height; row++) {
        sums.fill(0);
        convolve(Math.floor(row / height), row % height, 0, width, sums);
        result.set(sums, row * width);
      }
      transfer.encode(result);
      return tensor(image.shape, settings.round ? roundToBytes(result) : result);
    },
  };
}

/** The kernel of an array, normalised, centred as the settings ask. */
function centredKernel({ kernel, centre }: KernelBlurSettings): Kernel {
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

/**
 * A kernel written as text: one row per line, numbers apart by blanks, tabs, commas or semicolons;
 * empty lines and lines that begin with # or % count for nothing.
 * @param name of the file, for errors.
 * @returns rows, for the `kernel` of a kernel-blur; weights are not yet normalised.
 * @throws InputError that names the line where something else than a number stands, or where a row
 *   is longer or shorter than the first.
 */
export function parseKernel(text: string, name = 'kernel'): number[][] {
  const rows: number[][] = [];
  text.split(/\r\n?|\n/).forEach((line, at) => {
    const words = line
      .trim()
      .split(/[\s,;]+/)
      .filter((word) => word !== '');
    if (words.length === 0 || /^[#%]/.test(words[0]!)) return;
    const row = words.map((word) => {
      const number = Number(word);
      if (Number.isFinite(number)) return number;
      const received = JSON.stringify(word.slice(0, 40));
      throw new InputError(name, `line ${at + 1}: expected numbers, received ${received}`, {
        expected: 'numbers',
        received,
      });
    });
    const width = rows[0]?.length ?? row.length;
    if (row.length !== width) {
      const expected = `${width} numbers as in the first row`;
      throw new InputError(name, `line ${at + 1}: expected ${expected}, received ${row.length}`, {
        expected,
        received: String(row.length),
      });
    }
    rows.push(row);
  });
  if (rows.length === 0) throw new InputError(name, 'holds no numbers');
  return rows;
}

/**
 * A kernel drawn as an image: the mean of its channels, black for no light.
 * @param image [H, W], or [C, H, W] with channels of which each counts the same.
 * @returns rows, for the `kernel` of a kernel-blur; weights are not yet normalised.
 * @throws ParameterError for another shape or an image without pixels.
 */
export function kernelOfImage({ shape, data }: Tensor): number[][] {
  const [height = 0, width = 0] = shape.slice(-2);
  if (shape.length < 2 || shape.length > 3 || data.length === 0)
    throw new ParameterError(
      'image',
      'a tensor [height, width] or [channels, height, width]',
      shape,
    );
  const area = height * width;
  const channels = data.length / area;
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++)
        sum += data[channel * area + y * width + x]!;
      return sum / channels;
    }),
  );
}
