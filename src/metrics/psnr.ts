import { sampleAffine } from '../degradation/warp-affine.js';
import type { Tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { allFinite } from '../utils/finite.js';
import type { Metric, MetricSettings } from './metric.js';
import { checkBorder, numeric, pairOf, pairSize } from './planes.js';
import {
  cellMeans,
  LeastSquares,
  meanOfChannels,
  type Plane,
  registration,
} from './registration.js';

/**
 * Peak signal-to-noise ratio, 10 log10(255^2 / MSE) in dB, the error averaged over all pixels and
 * channels; infinite for equal images. Images are taken as they are: quantise them first where
 * figures of 8-bit files are wanted.
 *
 * @example psnr({ colourSpace: 'luma', border: 4 }).compute(target, restored)
 */
export function psnr({ colourSpace = 'rgb', border = 0 }: MetricSettings = {}): Metric {
  checkBorder(border);
  return {
    name: 'psnr',
    direction: 'higher',
    range: [0, Infinity],
    unit: 'dB',
    colourSpace,
    border,
    version: '1',
    compute: (reference, test) => {
      const [a, b] = pairOf(reference, test, colourSpace, border);
      let sum = 0;
      a.planes.forEach((plane, index) => {
        const other = b.planes[index]!;
        for (let pixel = 0; pixel < plane.length; pixel++)
          sum += (plane[pixel]! - other[pixel]!) ** 2;
      });
      const meanSquare = sum / (a.planes.length * a.height * a.width);
      return numeric(10 * Math.log10(255 ** 2 / meanSquare));
    },
  };
}

/** Side of the cells in which colours are compared: the raw grid of a burst enlarged by four. */
export const CELL = 8;
/** Cells along every edge that say nothing. */
export const EDGE_CELLS = 5;
/** Grey levels by which a cell's colour may be off after the match and still count. */
const colourTolerance = 20;
const smoothingDeviation = 1.5;
const smoothingRadius = 5;

/** How the colours of one image become those of another. */
export interface ColourMatch {
  /** Of each reference channel, the weights of the three test channels. */
  readonly matrix: readonly Float64Array[];
  /** For every cell 1 where its colours agree after the match, otherwise 0. */
  readonly valid: Plane;
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
  ) as [Plane[], Plane[]];
  const { height, width } = wanted[0]!;
  const inner: number[] = [];
  for (let row = EDGE_CELLS; row < height - EDGE_CELLS; row++)
    for (let column = EDGE_CELLS; column < width - EDGE_CELLS; column++)
      inner.push(row * width + column);
  const colour = (planes: Plane[], cell: number) =>
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
export function mapped(weights: Float64Array, colour: ArrayLike<number>): number {
  return weights[0]! * colour[0]! + weights[1]! * colour[1]! + weights[2]! * colour[2]!;
}

function channelsOf({ shape, data }: Tensor): Plane[] {
  const [channels, height, width] = shape as [number, number, number];
  const pixels = height * width;
  return Array.from({ length: channels }, (_, channel) => ({
    height,
    width,
    data: data.subarray(channel * pixels, (channel + 1) * pixels),
  }));
}

/** A Gaussian mean over cells; what lies outside counts as missing. */
function smoothed({ height, width, data }: Plane): Plane {
  const along = (source: Float32Array, length: number, step: number): Float32Array =>
    source.map((_, index) => {
      const place = Math.floor(index / step) % length;
      let [sum, weights] = [0, 0];
      for (let offset = -smoothingRadius; offset <= smoothingRadius; offset++) {
        if (place + offset < 0 || place + offset >= length) continue;
        const weight = Math.exp(-(offset ** 2) / (2 * smoothingDeviation ** 2));
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
 * PSNR for images of another camera or place than their target, after the protocol of real bursts
 * (Bhat et al., "Deep Burst Super-Resolution", 2021): the image is moved onto the target, its
 * colours are mapped linearly to the target's, and pixels around cells whose colours still differ
 * by 20 grey levels are left out. The border is the protocol's 40 pixels unless given.
 *
 * It differs from the protocol in two ways, so that figures are near but not equal: the image is
 * moved by one affine map found by least squares in place of a flow network's displacement for
 * every pixel, and the colour map is fitted on the image itself in place of the burst's first
 * frame, which forgives a global error of colour.
 */
export function alignedPsnr({
  border = CELL * EDGE_CELLS,
}: {
  readonly border?: number;
} = {}): Metric {
  checkBorder(border);
  return {
    name: 'aligned-psnr',
    direction: 'higher',
    range: [0, Infinity],
    unit: 'dB',
    colourSpace: 'rgb',
    border,
    version: '1',
    compute: (reference, test) => {
      const inside = pairSize(reference, test, border);
      for (const { data } of [reference, test]) numeric(allFinite(data) ? 0 : Number.NaN);
      const [, height, width] = reference.shape as [number, number, number];
      if (Math.min(height, width) < smallestSide)
        throw new ParameterError(
          'reference',
          `at least ${smallestSide} x ${smallestSide} pixels`,
          reference.shape,
        );
      const matrix = registration(meanOfChannels(reference), meanOfChannels(test));
      const moved = sampleAffine(test, matrix, height, width);
      return numeric(matchedPsnr(reference, moved, border, inside));
    },
  };
}

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
      'no such place',
    );
  return 10 * Math.log10(count / squares);
}

/** Values of the cells' plane at a row of pixels, bilinearly between the centres of cells. */
function interpolateRow({ height, width, data }: Plane, row: number, into: Float64Array): void {
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
