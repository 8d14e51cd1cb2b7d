import {
  add,
  cast,
  clip,
  concat,
  constant,
  conv2d,
  div,
  equal,
  expand,
  mul,
  pad,
  reduceMean,
  reshape,
  resizeBilinear,
  scalar,
  slice,
  sub,
  type Value,
} from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { crop, imagePyramid, padWithZeros, warp } from '../layers.js';

/** Rounds of registration at each size; more follow the noise. */
const ROUNDS = 2;
/** Largest correction of one round, in pixels: a linear image holds no further. */
const LONGEST_STEP = 1;
/**
 * Added to mean squared slopes at the full size, so that flat regions do not move; a
 * third at each smaller size, where there is less noise.
 */
const RIDGE = 1e-6;

const BLUR = [0.25, 0.5, 0.25];
const SLOPE = [-0.5, 0, 0.5];
/** Pixels along the border whose slopes are not known. */
const MARGIN = 1;

export interface Registration {
  readonly levels: number;
  /** Largest shift along each axis in pixels. */
  readonly maxFlow: number;
  /** Standard deviation of the window in which a pixel is registered, in pixels of each size. */
  readonly window: number;
}

/**
 * Where every pixel of a reference is found on other images: weighted least squares over
 * windows (Lucas and Kanade, "An Iterative Image Registration Technique", IJCAI 1981), of shifts and
 * small turns, from coarse to fine. Has no parameters.
 * @param reference [N, 1, H, W], both sides multiples of 2^(levels - 1).
 * @param others [N, K, H, W].
 * @returns [N K, 2, H, W], across and down in pixels.
 */
export function register(reference: Value, others: Value, settings: Registration): Value {
  const { levels, maxFlow, window } = settings;
  const references = imagePyramid(smoothed(reference, BLUR, 'edge'), levels);
  const images = imagePyramid(smoothed(others, BLUR, 'edge'), levels);
  const [batch, count] = others.shape as [number, number];
  const windows = new Windows(window);
  let flow: Value | undefined;
  for (let level = levels - 1; level >= 0; level -= 1) {
    const [height, width] = references[level]!.shape.slice(2) as [number, number];
    flow =
      flow === undefined
        ? expand(scalar(0), [batch * count, 2, height, width])
        : mul(resizeBilinear(flow, [height, width]), scalar(2));
    const furthest = maxFlow / 2 ** level;
    const ridge = RIDGE / 3 ** level;
    const round = correction(references[level]!, images[level]!, windows, ridge);
    for (let index = 0; index < ROUNDS; index += 1)
      flow = clip(add(flow, round(flow)), { minimum: -furthest, maximum: furthest });
  }
  return flow!;
}

/** Tiles that start at multiples of this have the same cells of windows as the whole. */
export function registrationMultiple({ levels, window }: Registration): number {
  return new Windows(window).cell * 2 ** (levels - 1);
}

/** Pixels on each side of both images that a pixel of the flow of `register` depends on. */
export function registrationRadius({ levels, maxFlow, window }: Registration): number {
  const { reach } = new Windows(window);
  let radius = 0;
  for (let level = levels - 1; level >= 0; level -= 1) {
    if (level < levels - 1) radius = 2 * (radius + 1) + 1;
    const read = Math.ceil(maxFlow / 2 ** level) + 1;
    for (let index = 0; index < ROUNDS; index += 1) radius = reach + Math.max(radius, read);
  }
  return radius + 1;
}

/** What has to be added to a flow, by the error it leaves and the reference's slopes. */
function correction(
  reference: Value,
  images: Value,
  windows: Windows,
  ridge: number,
): (flow: Value) => Value {
  const [batch, count, height, width] = images.shape as [number, number, number, number];
  const slopes = slopesOf(
    filtered(reference, SLOPE, 3, 'edge'),
    filtered(reference, SLOPE, 2, 'edge'),
  );
  const still = expand(scalar(0), [1, 2, height, width]);
  const known = reshape(insideOf(still, MARGIN), [1, 1, height, width]);
  return (flow) => {
    const found = reshape(insideOf(flow, MARGIN), [batch, count, height, width]);
    const seen = warp(reshape(images, [batch * count, 1, height, width]), flow, 'border');
    const error = sub(reference, reshape(seen, [batch, count, height, width]));
    const step = rigidStep(slopes, error, mul(found, known), { windows, ridge });
    return clip(step, { minimum: -LONGEST_STEP, maximum: LONGEST_STEP });
  };
}

/**
 * [M, 1, H, W]: 1 where a flow [M, 2, H, W] points into the image at least
 * `margin` pixels from its border, else 0.
 */
export function insideOf(flow: Value, margin = 0): Value {
  const [height, width] = flow.shape.slice(2) as [number, number];
  const along = (axis: 0 | 1): Value => {
    const extent = axis === 0 ? width : height;
    const indices = Float32Array.from({ length: extent }, (_, place) => place);
    const places = constant(tensor(axis === 0 ? [1, 1, 1, width] : [1, 1, height, 1], indices));
    const place = add(slice(flow, 1, axis, axis + 1), places);
    const own = Math.min(margin, (extent - 1) / 2);
    const inside = clip(place, { minimum: own, maximum: extent - 1 - own });
    return cast(equal(inside, place), 'float32');
  };
  return mul(along(0), along(1));
}

/** Slopes of an image [N, 1, H, W] and what follows from them alone. */
export interface Slopes {
  readonly across: Value;
  readonly down: Value;
  /** How the image changes with a turn about its middle. */
  readonly turn: Value;
  readonly products: readonly Value[];
}

function slopesOf(across: Value, down: Value): Slopes {
  const [height, width] = across.shape.slice(2) as [number, number];
  const turn = sub(mul(down, middles(width, width, 1)), mul(across, rows(height, height, 1)));
  const pairs = [
    [across, across],
    [across, down],
    [down, down],
    [across, turn],
    [down, turn],
    [turn, turn],
  ] as const;
  return { across, down, turn, products: pairs.map(([a, b]) => mul(a, b)) };
}

/**
 * How far every pixel has to move so that an error vanishes: the shift, at the middle of the window
 * around it, of the shift and turn that fit the window's pixels best.
 * @param error [N, K, H, W], what the reference shows more.
 * @param inside weights of the pixels, [N, K, H, W].
 * @param ridge added to the mean squared slopes.
 * @returns [N K, 2, H, W].
 */
function rigidStep(
  slopes: Slopes,
  error: Value,
  inside: Value,
  { windows, ridge }: { readonly windows: Windows; readonly ridge: number },
): Value {
  const [batch, count, height, width] = error.shape as [number, number, number, number];
  const causes = [slopes.across, slopes.down, slopes.turn].map((slope) => mul(slope, error));
  const weighted = [...slopes.products, ...causes].map((term) =>
    reshape(mul(term, inside), [batch * count, 1, height, width]),
  );
  const means = windows.means(concat(weighted, 1));
  const part = (index: number): Value => slice(means, 1, index, index + 1);
  const [xx, xy, yy, x, y] = [part(0), part(1), part(2), part(6), part(7)];
  const x0 = middles(means.shape[3]!, width, windows.cell);
  const y0 = rows(means.shape[2]!, height, windows.cell);
  // From turns about the image's middle to turns about the window's.
  const shifted = (turn: Value, down: Value, across: Value): Value =>
    add(sub(turn, mul(x0, down)), mul(y0, across));
  const xr = shifted(part(3), xy, xx);
  const yr = shifted(part(4), yy, xy);
  const turned = shifted(part(5), part(4), part(3));
  const rr = add(shifted(turned, yr, xr), scalar(ridge * windows.deviation ** 2));
  const r = shifted(part(8), y, x);
  const without = (value: Value, one: Value, other: Value): Value =>
    sub(value, div(mul(one, other), rr));
  const a = add(without(xx, xr, xr), scalar(ridge));
  const b = without(xy, xr, yr);
  const c = add(without(yy, yr, yr), scalar(ridge));
  const [right, below] = [without(x, xr, r), without(y, yr, r)];
  const determinant = sub(mul(a, c), mul(b, b));
  const step = [sub(mul(c, right), mul(b, below)), sub(mul(a, below), mul(b, right))];
  return windows.spread(div(concat(step, 1), determinant), height, width);
}

/** Columns of the middles of `count` cells, from the middle of an image of `extent` pixels. */
function middles(count: number, extent: number, cell: number): Value {
  return constant(tensor([1, 1, 1, count], places(count, extent, cell)));
}

/** As `middles`, the rows. */
function rows(count: number, extent: number, cell: number): Value {
  return constant(tensor([1, 1, count, 1], places(count, extent, cell)));
}

function places(count: number, extent: number, cell: number): Float32Array {
  const middle = (extent - 1) / 2;
  return Float32Array.from({ length: count }, (_, index) => cell * index + (cell - 1) / 2 - middle);
}

/**
 * A second window, this much wider, adds to the first: where that holds little, the surroundings
 * decide.
 */
const WIDER = 3;
/** Windows are sampled this finely: pixels are joined while their deviation stays above it. */
const FINEST = 4;

export type PadMode = 'edge' | 'constant';

/** Sums over windows of a normal law with a wide foot, on a grid of joined pixels. */
class Windows {
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
function smoothed(x: Value, weights: readonly number[], mode: PadMode): Value {
  return filtered(filtered(x, weights, 2, mode), weights, 3, mode);
}

/** Every channel of [N, C, H, W] filtered along one axis. */
function filtered(x: Value, weights: readonly number[], axis: 2 | 3, mode: PadMode): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const margin = (weights.length - 1) / 2;
  const padding = [0, 1, 2, 3].map((other): [number, number] =>
    other === axis ? [margin, margin] : [0, 0],
  );
  const planes = pad(reshape(x, [batch * channels, 1, height, width]), padding, mode);
  const taps = axis === 2 ? [1, 1, weights.length, 1] : [1, 1, 1, weights.length];
  return reshape(conv2d(planes, constant(tensor(taps, weights)), undefined), x.shape);
}
