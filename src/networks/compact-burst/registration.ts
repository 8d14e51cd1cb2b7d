import { type Value, add, cast, clip, constant, equal, expand, mul, reshape, resizeBilinear, scalar, slice, sub } from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { warp } from '../bsrt/warp.js';
import { rigidStep, slopesOf } from './rigid-motion.js';
import { Windows, filtered, smoothed } from './windows.js';

/** Rounds of registration at each size; more follow the noise. */
const ROUNDS = 2;
/** Largest correction of one round, in pixels: a linear picture holds no further. */
const LONGEST_STEP = 1;
/**
 * Added to mean squared slopes at the full size, so that places without any stay where they are; a
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
  /** Standard deviation of the window in which a place is registered, in pixels of each size. */
  readonly window: number;
}

/**
 * Where every pixel of a reference is found on other pictures: weighted least squares over
 * windows (Lucas and Kanade, "An Iterative Image Registration Technique", IJCAI 1981), of shifts and
 * small turns, from coarse to fine. Has no parameters.
 * @param reference [N, 1, H, W], both sides multiples of 2^(levels - 1).
 * @param others [N, K, H, W].
 * @returns [N K, 2, H, W], across and down in pixels.
 */
export function register(reference: Value, others: Value, settings: Registration): Value {
  const { levels, maxFlow, window } = settings;
  const references = pyramid(smoothed(reference, BLUR, 'edge'), levels);
  const pictures = pyramid(smoothed(others, BLUR, 'edge'), levels);
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
    const round = correction(references[level]!, pictures[level]!, windows, ridge);
    for (let index = 0; index < ROUNDS; index += 1)
      flow = clip(add(flow, round(flow)), { minimum: -furthest, maximum: furthest });
  }
  return flow!;
}

/** Tiles that start at multiples of this have the same cells of windows as the whole. */
export function registrationMultiple({ levels, window }: Registration): number {
  return new Windows(window).cell * 2 ** (levels - 1);
}

/** Pixels on each side of both pictures that a pixel of the flow of `register` depends on. */
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

/** Pictures and their means over 2 x 2, 4 x 4, … pixels. */
function pyramid(x: Value, levels: number): Value[] {
  const result = [x];
  while (result.length < levels) {
    const last = result[result.length - 1]!;
    const [height, width] = last.shape.slice(2) as [number, number];
    result.push(resizeBilinear(last, [height / 2, width / 2]));
  }
  return result;
}

/** What has to be added to a flow, by the error it leaves and the reference's slopes. */
function correction(
  reference: Value,
  pictures: Value,
  windows: Windows,
  ridge: number,
): (flow: Value) => Value {
  const [batch, count, height, width] = pictures.shape as [number, number, number, number];
  const slopes = slopesOf(
    filtered(reference, SLOPE, 3, 'edge'),
    filtered(reference, SLOPE, 2, 'edge'),
  );
  const still = expand(scalar(0), [1, 2, height, width]);
  const known = reshape(insideOf(still, MARGIN), [1, 1, height, width]);
  return (flow) => {
    const found = reshape(insideOf(flow, MARGIN), [batch, count, height, width]);
    const seen = warp(reshape(pictures, [batch * count, 1, height, width]), flow, 'border');
    const error = sub(reference, reshape(seen, [batch, count, height, width]));
    const step = rigidStep(slopes, error, mul(found, known), { windows, ridge });
    return clip(step, { minimum: -LONGEST_STEP, maximum: LONGEST_STEP });
  };
}

/**
 * [M, 1, H, W]: 1 where a flow [M, 2, H, W] points at a place of the picture that is at least
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
