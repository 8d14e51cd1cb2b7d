import { sampleAffine } from '../degradation/warp-affine.js';
import type { Tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { allFinite } from '../utils/finite.js';
import { gaussianWeights } from './filters.js';
import { pairMetric } from './metric.js';
import { type FloatPlane, finiteScore, pairSize, planesOf } from './planes.js';
import { cellMeans, LeastSquares, meanOfChannels, registration } from './registration.js';

/**
 * Peak signal-to-noise ratio, 10 log10(255^2 / MSE) in dB, the error averaged over all pixels and
 * channels; infinite for equal images. Images are taken as they are: quantise them first where
 * scores of 8-bit files are wanted.
 *
 * @example psnr.open({ colourSpace: 'luma', border: 4 }).measure(restored, target)
 */
export const psnr = pairMetric({
  name: 'psnr',
  title: 'peak signal-to-noise ratio',
  judges: 'distortion',
  isDefault: true,
  colourSpaces: ['rgb', 'luma'],
  direction: 'higher',
  range: [0, Infinity],
  unit: 'dB',
  version: '1',
  compute: (reference, test, { colourSpace }) => {
    const [first, second] = [planesOf(reference, colourSpace), planesOf(test, colourSpace)];
    let [sum, count] = [0, 0];
    for (const [index, { data }] of first.entries()) {
      const other = second[index]!.data;
      for (let pixel = 0; pixel < data.length; pixel++) sum += (data[pixel]! - other[pixel]!) ** 2;
      count += data.length;
    }
    return 10 * Math.log10(255 ** 2 / (sum / count));
  },
});

/** Side of the cells in which colours are compared: the raw grid of a burst enlarged by four. */
const CELL = 8;
/** Cells along every edge that say nothing. */
const EDGE_CELLS = 5;
/** Grey levels by which a cell's colour may be off after the match and still count. */
const colourTolerance = 20;
const smoothingRadius = 5;
const smoothing = gaussianWeights(1.5, smoothingRadius);

/** How the colours of one image become those of another. */
interface ColourMatch {
  /** Of each reference channel, the weights of the three test channels. */
  readonly matrix: readonly Float64Array[];
  /** For every cell 1 where its colours agree after the match, otherwise 0. */
  readonly valid: FloatPlane;
}

/**
 * The linear map, three by three, that brings the smoothed colours of the test image closest to
 * those of the reference in the least-squares sense, and the cells where it does so within 20 grey
 * levels.
 * @throws ParameterError where the test image has too few colours to fit it.
 */
export function matchColours(reference: Tensor, test: Tensor): ColourMatch {
  const [wanted, given] = [reference, test].map((image) =>
    channelsOf(image).map((channel) => smoothed(cellMeans(channel, CELL))),
  ) as [FloatPlane[], FloatPlane[]];
  const { height, width } = wanted[0]!;
  const inner: number[] = [];
  for (let row = EDGE_CELLS; row < height - EDGE_CELLS; row++)
    for (let column = EDGE_CELLS; column < width - EDGE_CELLS; column++)
      inner.push(row * width + column);
  const colour = (planes: FloatPlane[], cell: number) =>
    Float64Array.from(planes, ({ data }) => data[cell]!);
  const matrix = wanted.map(({ data }) => {
    const equations = new LeastSquares(3);
    for (const cell of inner) equations.add(colour(given, cell), data[cell]!);
    const weights = equations.solve();
    if (weights === undefined)
      throw new ParameterError('test', 'an image of more than one colour', 'too few colours');
    return weights;
  });
  const valid = new Float32Array(height * width);
  for (const cell of inner) {
    const own = colour(given, cell);
    const errors = wanted.map(({ data }, channel) => mapped(matrix[channel]!, own) - data[cell]!);
    if (255 * Math.hypot(...errors) < colourTolerance) valid[cell] = 1;
  }
  return { matrix, valid: { height, width, data: valid } };
}

/** One channel of a mapped colour. */
function mapped(weights: Float64Array, colour: ArrayLike<number>): number {
  return weights[0]! * colour[0]! + weights[1]! * colour[1]! + weights[2]! * colour[2]!;
}

function channelsOf({ shape, data }: Tensor): FloatPlane[] {
  const [channels, height, width] = shape as [number, number, number];
  const pixels = height * width;
  return Array.from({ length: channels }, (_, channel) => ({
    height,
    width,
    data: data.subarray(channel * pixels, (channel + 1) * pixels),
  }));
}

/** A Gaussian mean over cells; what lies outside counts as missing. */
function smoothed({ height, width, data }: FloatPlane): FloatPlane {
  const along = (source: Float32Array, length: number, step: number): Float32Array =>
    source.map((_, index) => {
      const position = Math.floor(index / step) % length;
      let [sum, weights] = [0, 0];
      for (let offset = -smoothingRadius; offset <= smoothingRadius; offset++) {
        if (position + offset < 0 || position + offset >= length) continue;
        const weight = smoothing[offset + smoothingRadius]!;
        sum += weight * source[index + offset * step]!;
        weights += weight;
      }
      return sum / weights;
    });
  return { height, width, data: along(along(data, width, 1), height, width) };
}

/** Cells left between the edges for the colours to be fitted on. */
const leastCells = 6;
const smallestSide = CELL * (2 * EDGE_CELLS + leastCells);
/** Share of valid cells, interpolated, from which a pixel counts. */
const validShare = 0.9;

/**
 * PSNR for images of another camera or position than their target, after the protocol of real bursts
 * (Bhat et al., "Deep Burst Super-Resolution", 2021): the image is moved onto the target, its
 * colours are mapped linearly to the target's, and pixels around cells whose colours still differ
 * by 20 grey levels are ignored. The border is the protocol's 40 pixels unless given.
 *
 * It differs from the protocol in two ways, so that scores are near but not equal: the image is
 * moved by one affine map found by least squares in place of a flow network's displacement for
 * every pixel, and the colour map is fitted on the image itself in place of the burst's first
 * frame, which forgives a global error of colour.
 */
export const alignedPsnr = pairMetric({
  name: 'aligned-psnr',
  title: 'PSNR after alignment in space and colour, for real bursts',
  judges: 'distortion',
  isDefault: false,
  colourSpaces: ['rgb'],
  direction: 'higher',
  range: [0, Infinity],
  unit: 'dB',
  version: '1',
  defaultBorder: CELL * EDGE_CELLS,
  needsBorder: true,
  compute: (reference, test, { border }) => {
    for (const { data } of [reference, test]) finiteScore(allFinite(data) ? 0 : Number.NaN);
    const [, height, width] = reference.shape as [number, number, number];
    if (Math.min(height, width) < smallestSide)
      throw new ParameterError(
        'reference',
        `at least ${smallestSide} x ${smallestSide} pixels`,
        reference.shape,
      );
    const matrix = registration(meanOfChannels(reference), meanOfChannels(test));
    const moved = sampleAffine(test, matrix, height, width);
    return matchedPsnr(reference, moved, border, pairSize(reference, test, border));
  },
});

function matchedPsnr(
  reference: Tensor,
  moved: Tensor,
  border: number,
  inside: { readonly height: number; readonly width: number },
): number {
  const [, height, width] = reference.shape as [number, number, number];
  const { matrix, valid } = matchColours(reference, moved);
  const pixels = height * width;
  const colour = new Float64Array(3);
  const shares = new Float64Array(width);
  let [squares, count] = [0, 0];
  for (let row = border; row < border + inside.height; row++) {
    interpolateRow(valid, row, shares);
    for (let column = border; column < border + inside.width; column++) {
      if (!(shares[column]! > validShare)) continue;
      const index = row * width + column;
      for (let channel = 0; channel < 3; channel++)
        colour[channel] = moved.data[channel * pixels + index]!;
      for (let channel = 0; channel < 3; channel++)
        squares +=
          (mapped(matrix[channel]!, colour) - reference.data[channel * pixels + index]!) ** 2;
      count += 3;
    }
  }
  if (count === 0)
    throw new ParameterError(
      'test',
      "an image whose colours a linear map can bring near the reference's",
      'no such pixel',
    );
  return 10 * Math.log10(count / squares);
}

/** Values of the cells' plane at a row of pixels, bilinearly between the centres of cells. */
function interpolateRow(
  { height, width, data }: FloatPlane,
  row: number,
  into: Float64Array,
): void {
  const y = (row + 0.5) / CELL - 0.5;
  const top = Math.floor(y);
  const down = y - top;
  const above = Math.min(height - 1, Math.max(0, top)) * width;
  const below = Math.min(height - 1, top + 1) * width;
  for (let column = 0; column < into.length; column++) {
    const x = (column + 0.5) / CELL - 0.5;
    const first = Math.floor(x);
    const across = x - first;
    const left = Math.min(width - 1, Math.max(0, first));
    const right = Math.min(width - 1, first + 1);
    const upper = (1 - across) * data[above + left]! + across * data[above + right]!;
    const lower = (1 - across) * data[below + left]! + across * data[below + right]!;
    into[column] = (1 - down) * upper + down * lower;
  }
}
