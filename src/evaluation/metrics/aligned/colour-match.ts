import { ParameterError } from '../../../tensor/errors.js';
import type { Tensor } from '../../../tensor/tensor.js';
import { LeastSquares } from './linear-system.js';
import { cellMeans, type Plane } from './plane.js';

/** Side of the cells in which colours are compared: the raw grid of a burst enlarged by four. */
export const CELL = 8;
/** Cells along every edge that say nothing. */
export const EDGE_CELLS = 5;
/** Grey levels by which a cell's colour may be off after the match and still count. */
const tolerance = 20;
const deviation = 1.5;
const reach = 5;

/** How the colours of one picture become those of another. */
export interface ColourMatch {
  /** Of each reference channel, the weights of the three test channels. */
  readonly matrix: readonly Float64Array[];
  /** For every cell 1 where its colours agree after the match, otherwise 0. */
  readonly valid: Plane;
}

/**
 * The linear map, three by three, that brings the smoothed colours of the test picture closest to
 * those of the reference in the least-squares sense, and the cells where it does so within 20 grey
 * levels.
 * @throws ParameterError where the test picture has too few colours to fit it.
 */
export function matchColours(reference: Tensor, test: Tensor): ColourMatch {
  const [wanted, given] = [reference, test].map((picture) =>
    channelsOf(picture).map((channel) => smoothed(cellMeans(channel, CELL))),
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
      throw new ParameterError('test', 'a picture of more than one colour', 'too few colours');
    return weights;
  });
  const valid = new Float32Array(height * width);
  for (const cell of inner) {
    const own = colour(given, cell);
    const errors = wanted.map(({ data }, channel) => mapped(matrix[channel]!, own) - data[cell]!);
    if (255 * Math.hypot(...errors) < tolerance) valid[cell] = 1;
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
      for (let offset = -reach; offset <= reach; offset++) {
        if (place + offset < 0 || place + offset >= length) continue;
        const weight = Math.exp(-(offset ** 2) / (2 * deviation ** 2));
        sum += weight * source[index + offset * step]!;
        weights += weight;
      }
      return sum / weights;
    });
  return { height, width, data: along(along(data, width, 1), height, width) };
}
