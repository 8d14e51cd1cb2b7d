import type { Tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { gaussianWeights, separable } from './filters.js';
import { type PairMetric, pairMetric } from './metric.js';
import { finiteScore, pairSize, type YcbcrPlane, ycbcrPlane } from './planes.js';

/**
 * Differences of grain between a result and its target, in units of 1/255: positive where the
 * result is too grainy, negative where it is too smooth.
 */
export type Grain = Readonly<Record<YcbcrPlane, number>>;

const planes = ['y', 'cb', 'cr'] as const;
const smoothing = gaussianWeights(2, 6);
/** Slope of the smoothed target below which it is flat, in units of 1/255 a pixel. */
const greatestSlope = 1.5;
/** Fewer pixels give no reliable deviation. */
const fewestPixels = 1000;
const masks = new WeakMap<Tensor, Uint8Array>();

/**
 * How much more grain a result has than its target, in Y, Cb and Cr of JPEG files: the standard
 * deviation of the high-pass of the result over the flat part of the target, less that of the
 * target over the same pixels. The high-pass is the kernel (1 -2 1; -2 4 -2; 1 -2 1) / 6
 * (Immerkaer 1996), which white noise of deviation s leaves at deviation s and whose response to a
 * linear slope is 0. Which part is flat depends on the target alone (`flatMask`): a result cannot
 * move it.
 *
 * @param result [3, H, W] R G B in [0, 1].
 * @param target its target, of the same shape.
 * @param border pixels ignored along every edge.
 * @throws ParameterError for other shapes, values that are not finite, or a target of which fewer
 * than 1000 pixels inside the border are flat.
 * @example
 * const { y } = grainOf(restored, target);
 * console.log(y < 0 ? 'too smooth' : 'too grainy');
 */
export function grainOf(result: Tensor, target: Tensor, border = 0): Grain {
  const [y, cb, cr] = planes.map((plane) => grainIn(plane, result, target, border));
  return { y: y!, cb: cb!, cr: cr! };
}

/**
 * |`grainOf`| in one plane. Averaged over images, grain that one lacks does not make up for grain
 * that another has too much of.
 */
export function grain(plane: YcbcrPlane): PairMetric {
  const names = { y: 'luma', cb: 'blue less luma', cr: 'red less luma' } as const;
  return pairMetric({
    name: `grain-${plane}`,
    title: `difference of grain in flat parts, ${names[plane]}`,
    judges: 'distortion',
    isDefault: false,
    colourSpaces: ['rgb'],
    direction: 'lower',
    range: [0, Infinity],
    unit: '1/255',
    version: '1',
    // The flat part is found in the whole image, and once for each target.
    needsBorder: true,
    compute: (reference, test, { border }) => Math.abs(grainIn(plane, test, reference, border)),
  });
}

/**
 * The flat part of a target: pixels where the slopes of Y, Cb and Cr, smoothed by a Gaussian of
 * deviation 2 pixels (edge pixels repeated), are together below 1.5/255 a pixel, as the root of the
 * sum of squared central differences. Smoothing leaves white noise of deviation s a slope of about
 * 0.07 s, and keeps the mask some five pixels away from edges, around which results ring. Pixels
 * along the edge of the image do not count as flat.
 * @param target [3, H, W] R G B in [0, 1].
 * @returns 1 for flat pixels, 0 for others, row by row.
 */
export function flatMask(target: Tensor): Uint8Array {
  const found = masks.get(target);
  if (found !== undefined) return found;
  const [, height, width] = target.shape as [number, number, number];
  const squares = new Float64Array(height * width);
  for (const plane of planes) {
    const data = ycbcrPlane(target, plane);
    const { data: smooth } = separable({ height, width, data }, smoothing);
    for (let row = 1; row < height - 1; row++)
      for (let at = row * width + 1; at < (row + 1) * width - 1; at++) {
        const across = (smooth[at + 1]! - smooth[at - 1]!) / 2;
        const down = (smooth[at + width]! - smooth[at - width]!) / 2;
        squares[at]! += across * across + down * down;
      }
  }
  const mask = new Uint8Array(height * width);
  for (let row = 1; row < height - 1; row++)
    for (let at = row * width + 1; at < (row + 1) * width - 1; at++)
      if (squares[at]! < greatestSlope ** 2) mask[at] = 1;
  masks.set(target, mask);
  return mask;
}

function grainIn(plane: YcbcrPlane, result: Tensor, target: Tensor, border: number): number {
  pairSize(target, result, border);
  const flat = flatPixels(target, border);
  if (flat.length < fewestPixels)
    throw new ParameterError(
      'reference',
      `at least ${fewestPixels} flat pixels inside the border`,
      flat.length,
    );
  const width = target.shape[2]!;
  const [own, wanted] = [result, target].map((image) =>
    deviationOfHighPass(ycbcrPlane(image, plane), width, flat),
  );
  return finiteScore(own! - wanted!);
}

/** Places of the flat pixels inside a border. */
function flatPixels(target: Tensor, border: number): number[] {
  const [, height, width] = target.shape as [number, number, number];
  const mask = flatMask(target);
  const positions: number[] = [];
  for (let row = border; row < height - border; row++)
    for (let at = row * width + border; at < (row + 1) * width - border; at++)
      if (mask[at] === 1) positions.push(at);
  return positions;
}

function deviationOfHighPass(
  plane: Float64Array,
  width: number,
  positions: readonly number[],
): number {
  let sum = 0;
  let squares = 0;
  for (const at of positions) {
    const [above, below] = [at - width, at + width];
    const corners = plane[above - 1]! + plane[above + 1]! + plane[below - 1]! + plane[below + 1]!;
    const sides = plane[above]! + plane[at - 1]! + plane[at + 1]! + plane[below]!;
    const value = (corners - 2 * sides + 4 * plane[at]!) / 6;
    sum += value;
    squares += value * value;
  }
  const mean = sum / positions.length;
  return Math.sqrt(Math.max(0, squares / positions.length - mean * mean));
}
