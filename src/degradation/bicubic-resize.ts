import { type Tensor, tensor } from '../tensor/tensor.js';
import { addWeightedLines } from '../tensor/weighted-lines.js';
import { ParameterError } from '../utils/errors.js';

/** What to resize to: a factor for both sides, or the two sides in pixels. */
export type ResizeTarget =
  | { readonly scale: number }
  | { readonly height: number; readonly width: number };

/**
 * Bicubic resizing as MATLAB's `imresize` does it: cubic kernel with a = -0.5, stretched over the
 * output's pixel pitch where the image shrinks (antialiasing), mirrored at the border with the
 * edge pixel repeated, the side that shrinks most first. Values are neither clamped nor rounded.
 *
 * @param image [..., H, W]; every leading dimension counts planes.
 * @param target with `scale`, the output has ceil(side * scale) pixels on each side.
 * @throws ParameterError for a rank below two, an empty image, or a target that is not positive.
 */
export function resizeBicubic(image: Tensor, target: ResizeTarget): Tensor {
  if (image.shape.length < 2)
    throw new ParameterError('image', 'a tensor [..., height, width]', image.shape);
  const height = image.shape.at(-2)!;
  const width = image.shape.at(-1)!;
  if (height === 0 || width === 0)
    throw new ParameterError('image', 'at least one pixel', image.shape);
  const leading = image.shape.slice(0, -2);
  const planes = leading.reduce((product, extent) => product * extent, 1);

  const vertical = side('height', height, target);
  const horizontal = side('width', width, target);
  let data: Float32Array = image.data;
  if (vertical.scale <= horizontal.scale) {
    data = resizeColumns(data, planes, height, width, vertical.weights);
    data = resizeRows(data, planes * vertical.weights.outputLength, width, horizontal.weights);
  } else {
    data = resizeRows(data, planes * height, width, horizontal.weights);
    data = resizeColumns(data, planes, height, horizontal.weights.outputLength, vertical.weights);
  }
  return tensor([...leading, vertical.weights.outputLength, horizontal.weights.outputLength], data);
}

function side(
  name: 'height' | 'width',
  length: number,
  target: ResizeTarget,
): { scale: number; weights: Contributions } {
  if ('scale' in target) {
    const { scale } = target;
    if (!(scale > 0 && Number.isFinite(scale)))
      throw new ParameterError('scale', 'a positive number', scale);
    return { scale, weights: contributionsByFactor(length, scale) };
  }
  const output = target[name];
  if (!Number.isInteger(output) || output < 1)
    throw new ParameterError(name, 'a positive integer', output);
  const scale = output / length;
  return { scale, weights: contributions(length, output, scale) };
}

/**
 * Resizes planes [height, width] along their columns.
 * @returns planes [outputLength, width].
 */
export function resizeColumns(
  source: Float32Array,
  planes: number,
  height: number,
  width: number,
  { outputLength, taps, indices, weights }: Contributions,
): Float32Array {
  const result = new Float32Array(planes * outputLength * width);
  const sums = new Float64Array(width);
  const starts = new Int32Array(taps);
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < outputLength; row++) {
      const taken = weights.subarray(row * taps, (row + 1) * taps);
      for (let tap = 0; tap < taps; tap++) starts[tap] = indices[row * taps + tap]! * width;
      sums.fill(0);
      addWeightedLines(sums, source, plane * height * width, starts, taken);
      result.set(sums, (plane * outputLength + row) * width);
    }
  }
  return result;
}

/**
 * Resizes rows of `width` pixels.
 * @returns rows of outputLength pixels.
 */
export function resizeRows(
  source: Float32Array,
  rows: number,
  width: number,
  { outputLength, taps, indices, weights }: Contributions,
): Float32Array {
  const result = new Float32Array(rows * outputLength);
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    const to = row * outputLength;
    for (let x = 0; x < outputLength; x++) {
      let sum = 0;
      for (let tap = x * taps; tap < (x + 1) * taps; tap++)
        sum += weights[tap]! * source[from + indices[tap]!]!;
      result[to + x] = sum;
    }
  }
  return result;
}

/** For each output pixel of one axis, the input pixels it reads and their weights, which sum to 1. */
export interface Contributions {
  readonly outputLength: number;
  /** Input pixels per output pixel: the row length of both tables. */
  readonly taps: number;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

const kernelWidth = 4;

/** The tables computed last: images of one size are resized over and over in training. */
const remembered = new Map<string, Contributions>();
const mostRemembered = 4;

/**
 * The weights of MATLAB's `imresize` along one axis: cubic convolution (Keys 1981, a = -0.5), its
 * support stretched by 1 / scale where scale < 1, indices mirrored with the edge pixel repeated.
 *
 * @param scale output pixels per input pixel; it may differ from outputLength / inputLength, since
 * a length is rounded up to whole pixels.
 * @returns tables that are shared between calls and not to be changed.
 */
export function contributions(
  inputLength: number,
  outputLength: number,
  scale: number,
): Contributions {
  const key = `${inputLength} ${outputLength} ${scale}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const [oldest] = remembered.keys();
  if (oldest !== undefined && remembered.size >= mostRemembered) remembered.delete(oldest);
  const computed = computeContributions(inputLength, outputLength, scale);
  remembered.set(key, computed);
  return computed;
}

/**
 * The weights along one axis for a factor: ceil(inputLength * scale) output pixels.
 * @param scale positive.
 */
export function contributionsByFactor(inputLength: number, scale: number): Contributions {
  // 3 * (1 / 3) style rounding noise must not add a row.
  const outputLength = Math.ceil(inputLength * scale * (1 - 4 * Number.EPSILON));
  return contributions(inputLength, outputLength, scale);
}

function computeContributions(
  inputLength: number,
  outputLength: number,
  scale: number,
): Contributions {
  const stretch = Math.min(scale, 1);
  const width = kernelWidth / stretch;
  const taps = Math.ceil(width) + 2;
  const indices = new Int32Array(outputLength * taps);
  const weights = new Float64Array(outputLength * taps);
  const period = 2 * inputLength;
  for (let output = 0; output < outputLength; output++) {
    const centre = (output + 0.5) / scale - 0.5;
    const left = Math.floor(centre - width / 2);
    const row = output * taps;
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const position = left + tap;
      const weight = cubic((centre - position) * stretch);
      const folded = ((position % period) + period) % period;
      indices[row + tap] = folded < inputLength ? folded : period - 1 - folded;
      weights[row + tap] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < taps; tap++) weights[row + tap]! /= sum;
  }
  return withoutEmptyTaps({ outputLength, taps, indices, weights });
}

function cubic(x: number): number {
  const distance = Math.abs(x);
  if (distance <= 1) return (1.5 * distance - 2.5) * distance * distance + 1;
  if (distance <= 2) return ((-0.5 * distance + 2.5) * distance - 4) * distance + 2;
  return 0;
}

/** Drops the outermost taps that no output pixel uses: for whole factors a fifth of the work. */
function withoutEmptyTaps(full: Contributions): Contributions {
  const used = (tap: number): boolean => {
    for (let output = 0; output < full.outputLength; output++)
      if (full.weights[output * full.taps + tap] !== 0) return true;
    return false;
  };
  let first = 0;
  let last = full.taps - 1;
  while (first < last && !used(first)) first++;
  while (last > first && !used(last)) last--;
  const taps = last - first + 1;
  if (taps === full.taps) return full;
  const indices = new Int32Array(full.outputLength * taps);
  const weights = new Float64Array(full.outputLength * taps);
  for (let output = 0; output < full.outputLength; output++) {
    const from = output * full.taps + first;
    indices.set(full.indices.subarray(from, from + taps), output * taps);
    weights.set(full.weights.subarray(from, from + taps), output * taps);
  }
  return { outputLength: full.outputLength, taps, indices, weights };
}
