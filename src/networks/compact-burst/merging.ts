import { type ParameterScope, type Value, add, cast, concat, div, exp, expand, mul, reduceSum, reshape, scalar, slice, sub, tanh } from '../../graph/index.js';
import { warp } from '../bsrt/warp.js';
import { addToFrames, byBurst, someFrames, withFirst } from './frames.js';
import { layer, rectified } from './layers.js';
import { insideOf } from './registration.js';

/** Channels that share a weight. */
const CHANNELS_PER_WEIGHT = 4;
/** The weights begin as nearly equal. */
const FIRST_GAIN = 0.1;
/** Logits of the weights lie within this of 0. */
const LARGEST_LOGIT = 4;
/** More than any flow, so that whole pixels can be cut off towards zero. */
const OFFSET = 1024;

/** Frames of N bursts one after another, the reference of each first. */
export interface FrameStack {
  readonly batch: number;
  /** Samples of the frames [N F, 4, H, W]. */
  readonly samples: Value;
  /** [N F, C, H, W]. */
  readonly features: Value;
  /** Of all but the first frames, [N (F - 1), 2, H, W] in pixels; none for one frame. */
  readonly flow: Value | undefined;
}

/** All frames as one, as large as the first. */
export interface Merged {
  /** Features, [N, C, H, W]. */
  readonly features: Value;
  /** Samples, [N, 4, H, W]. */
  readonly samples: Value;
  /** Sums of the weights' squares, by which noise is smaller, [N, weights, H, W]. */
  readonly squares: Value;
}

/**
 * Features and samples of all frames brought onto the first and averaged with weights that depend
 * on what was found there, whatever the frames' number and order; a frame counts nowhere outside
 * its picture.
 */
export function merged(scope: ParameterScope, stack: FrameStack): Merged {
  const { batch, features } = stack;
  const filters = features.shape[1]!;
  const [height, width] = features.shape.slice(2) as [number, number];
  const { aligned, samples, inside } = brought(stack);
  const first = someFrames(features, batch, 0, 1);
  const ofFrames = layer(scope.child('frames'), aligned, { filters });
  const ofFirst = layer(scope.child('first'), first, { filters, bias: false });
  const joined = rectified(addToFrames(ofFrames, ofFirst));
  const values = layer(scope.child('values'), joined, { filters, kernel: 1 });
  const all = concat([values, samples], 1);
  const channels = all.shape[1]!;
  const groups = channels / CHANNELS_PER_WEIGHT;
  const logits = layer(scope.child('weights'), joined, { filters: groups, kernel: 1 }, FIRST_GAIN);
  const bounded = exp(mul(tanh(logits), scalar(LARGEST_LOGIT)));
  const raw = byBurst(mul(bounded, inside), batch);
  const weights = div(raw, reduceSum(raw, [1]));
  const frames = features.shape[0]! / batch;
  const grouped = reshape(weights, [batch, frames, groups, 1, height, width]);
  const own = reshape(all, [batch, frames, groups, CHANNELS_PER_WEIGHT, height, width]);
  const mean = reshape(reduceSum(mul(own, grouped), [1]), [batch, channels, height, width]);
  return {
    features: slice(mean, 1, 0, filters),
    samples: slice(mean, 1, filters, channels),
    squares: reduceSum(mul(weights, weights), [1], false),
  };
}

/**
 * What each frame shows at every pixel of the first: features and samples between pixels, the
 * nearest samples with how far they lie off, and whether there is anything.
 */
function brought({ batch, samples, features, flow }: FrameStack) {
  const [count, , height, width] = samples.shape as [number, number, number, number];
  const none = expand(scalar(0), [batch, 2, height, width]);
  const offsets = (whole: Value): Value => sub(flow!, whole);
  const others = (x: Value): Value => someFrames(x, batch, 1, count / batch);
  const first = (x: Value): Value => someFrames(x, batch, 0, 1);
  const whole = flow && nearestWhole(flow);
  const both = concat([features, samples], 1);
  const moved = withFirst(first(both), flow && warp(others(both), flow, 'border'));
  const filters = features.shape[1]!;
  const nearest = withFirst(first(samples), whole && warp(others(samples), whole, 'border'));
  const off = withFirst(none, whole && offsets(whole));
  const inside = withFirst(expand(scalar(1), [batch, 1, height, width]), flow && insideOf(flow));
  const [across, down] = [0, 1].map((axis) => slice(off, 1, axis, axis + 1)) as [Value, Value];
  const shifted = [mul(nearest, across), mul(nearest, down)];
  const product = mul(across, down);
  const seen = slice(moved, 1, 0, filters);
  return {
    aligned: concat([seen, nearest, ...shifted, off, product, inside], 1),
    samples: slice(moved, 1, filters, filters + samples.shape[1]!),
    inside,
  };
}

/** A flow without its parts of pixels: the nearest whole numbers. */
function nearestWhole(flow: Value): Value {
  const positive = add(flow, scalar(OFFSET + 0.5));
  return sub(cast(cast(positive, 'int64'), 'float32'), scalar(OFFSET));
}
