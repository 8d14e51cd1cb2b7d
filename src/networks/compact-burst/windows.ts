import { type Value, add, constant, conv2d, pad, reduceMean, reshape, resizeBilinear } from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { crop, padWithZeros } from '../padding.js';

/**
 * A second window, this much wider, adds to the first: where that holds little, the surroundings
 * decide.
 */
const WIDER = 3;
/** Windows are sampled this finely: pixels are joined while their deviation stays above it. */
const FINEST = 4;

export type PadMode = 'edge' | 'constant';

/** Sums over windows of a normal law with a wide foot, on a grid of joined pixels. */
export class Windows {
  /** Pixels along each side of a cell of the grid. */
  readonly cell: number;
  readonly #weights: readonly (readonly number[])[];

  /** Of the narrower window, in pixels. */
  readonly deviation: number;

  constructor(deviation: number) {
    this.deviation = deviation;
    this.cell = 2 ** Math.max(0, Math.floor(Math.log2(deviation / FINEST)));
    this.#weights = [1, WIDER].map((factor) => normalWeights((factor * deviation) / this.cell));
  }

  /** Pixels on each side that a value of `spread(means(x), …)` depends on. */
  get reach(): number {
    const cells = (this.#weights[1]!.length - 1) / 2;
    return this.cell === 1 ? cells : this.cell * (cells + 2);
  }

  /** [N, C, H, W] to a grid of cells, the outside counting as zeros. */
  means(x: Value): Value {
    const padded = padWithZeros(x, this.cell);
    const [batch, channels, height, width] = padded.shape as [number, number, number, number];
    const [rows, columns] = [height / this.cell, width / this.cell];
    const apart = reshape(padded, [batch * channels, rows, this.cell, columns, this.cell]);
    const cells = reshape(reduceMean(apart, [2, 4], false), [batch, channels, rows, columns]);
    const [near, far] = this.#weights.map((weights) => smoothed(cells, weights, 'constant'));
    return add(near!, far!);
  }

  /** A grid of cells as pixels, linearly between their middles. */
  spread(cells: Value, height: number, width: number): Value {
    if (this.cell === 1) return cells;
    const [rows, columns] = cells.shape.slice(2) as [number, number];
    const all = resizeBilinear(cells, [rows * this.cell, columns * this.cell]);
    return crop(all, height, width);
  }
}

/** Weights of a normal law along one axis, of sum 1, cut off at two deviations. */
function normalWeights(deviation: number): number[] {
  const reach = Math.ceil(2 * deviation);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, place) =>
    Math.exp(-(((place - reach) / deviation) ** 2) / 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Every channel of [N, C, H, W] filtered along both axes. */
export function smoothed(x: Value, weights: readonly number[], mode: PadMode): Value {
  return filtered(filtered(x, weights, 2, mode), weights, 3, mode);
}

/** Every channel of [N, C, H, W] filtered along one axis. */
export function filtered(x: Value, weights: readonly number[], axis: 2 | 3, mode: PadMode): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const margin = (weights.length - 1) / 2;
  const padding = [0, 1, 2, 3].map((other): [number, number] =>
    other === axis ? [margin, margin] : [0, 0],
  );
  const planes = pad(reshape(x, [batch * channels, 1, height, width]), padding, mode);
  const taps = axis === 2 ? [1, 1, weights.length, 1] : [1, 1, 1, weights.length];
  return reshape(conv2d(planes, constant(tensor(taps, weights)), undefined), x.shape);
}
