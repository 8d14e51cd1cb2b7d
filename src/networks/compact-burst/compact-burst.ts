import { z } from 'zod';
import {
  abs,
  add,
  cast,
  clip,
  concat,
  div,
  exp,
  expand,
  type Initial,
  leakyRelu,
  mul,
  type ParameterScope,
  pixelShuffle,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  scalar,
  sigmoid,
  slice,
  sqrt,
  sub,
  tanh,
  type Value,
} from '../../graph/index.js';
import { ParameterError } from '../../utils/errors.js';
import { type ConvolutionLayer, convolution, crop, padToMultiple, warp } from '../layers.js';
import { type BurstRestorerNetwork, countLayers, type StateShapes, shapeOf } from '../network.js';
import { demosaicked } from './demosaic.js';
import { insideOf, register, registrationMultiple, registrationRadius } from './registration.js';

const count = z.int().min(1);

const compactBurstSchema = z.strictObject({
  /** Output pixels per pixel of the mosaic. */
  scale: z.union([z.literal(1), z.literal(2), z.literal(4)]).default(4),
  /** Channels of a frame’s features, a multiple of 4. */
  features: z.int().min(4).max(512).multipleOf(4).default(32),
  /** Residual blocks over every frame alone. */
  encoderBlocks: z.int().min(0).max(32).default(3),
  /** Channels of the features after merging. */
  trunkFeatures: count.max(512).default(64),
  /** Residual blocks after merging. */
  trunkBlocks: z.int().min(0).max(64).default(8),
  /** Sizes at which frames are registered, each half of the next. No parameter depends on it. */
  flowLevels: count.max(6).default(3),
  /**
   * Standard deviation of the windows in which frames are registered, in pixels of each size: wide
   * for a shaking hand, narrow for scenes that move. No parameter depends on it.
   */
  window: z.number().min(0.5).max(64).default(16),
  /**
   * Largest shift along each axis that is followed, in pixels of the packed frames (two of the
   * mosaic). No parameter depends on it; it bounds what an output pixel depends on.
   */
  maxFlow: z.number().positive().max(256).default(8),
  /** Frames of a burst unless stated otherwise. No parameter depends on it. */
  frames: count.max(64).default(14),
});

type CompactBurstConfig = z.infer<typeof compactBurstSchema>;

/** Red, two greens and blue of a colour filter array. */
const CHANNELS = 4;
/** Features of the mosaic's size for one of the packed size's. */
const SHARE_OF_FINE = 2;
/** Wider margins would leave nothing of a tile. */
const MOST_RADIUS = 64;
/** Between signal and noise: the law of a sensor's noise has a constant part. */
const DARK = 0.01;

/**
 * A compact burst super-resolution network. The input [N, F, 4, h, w] holds raw frames, packed RGGB,
 * linear in [0, 1], the reference first; the output [N, 3, 2 scale h, 2 scale w] is linear RGB in
 * which pixel (x, y) of the reference's mosaic lies at (scale x, scale y). Frames are registered
 * without parameters, their flow is corrected by a small network, and their features are averaged
 * with weights: any number of frames, in any order after the reference, with the same parameters.
 * Values are held as square roots, in which the noise of light is the same everywhere.
 */
export const compactBurst: BurstRestorerNetwork<CompactBurstConfig> = {
  name: 'compact-burst',
  role: 'burst-restorer',
  schema: compactBurstSchema,
  build: (config, scope, [burst]) => restored(config, scope, burst!).output,
  buildWithFlow: (config, scope, [burst]) => {
    const { output, flow } = restored(config, scope, burst!);
    if (flow === undefined) throw new ParameterError('frames', 'at least 2 for a flow', 1);
    return { output, flows: byBurst(mul(flow, scalar(2)), burst!.shape[0]!) };
  },
  inputShapes: ({ frames }, { batch, height, width }) => [[batch, frames, CHANNELS, height, width]],
  withFrames: (config, frames) => ({ ...config, frames }),
  frames: ({ frames }) => frames,
  scale: ({ scale }) => 2 * scale,
  sizeRule: ({ flowLevels: levels, maxFlow, window }) => {
    const multiple = registrationMultiple({ levels, maxFlow, window });
    return { multiple, minimum: multiple };
  },
  receptiveRadius: (config) => {
    const radius = radiusOf(config);
    return radius > MOST_RADIUS ? undefined : radius;
  },
  configure: configureCompactBurst,
};

function multipleOf({ flowLevels }: CompactBurstConfig): number {
  return 2 ** (flowLevels - 1);
}

function radiusOf(config: CompactBurstConfig): number {
  const { encoderBlocks, trunkBlocks, maxFlow, flowLevels: levels, window } = config;
  const encoder = 1 + 2 * encoderBlocks;
  const moved = encoder + Math.ceil(maxFlow) + 1;
  const registered = registrationRadius({ levels, maxFlow, window });
  const flow = REFINEMENT_RADIUS + Math.max(registered, moved);
  const mergedAt = 1 + Math.max(flow, moved);
  const trunk = 1 + 2 * trunkBlocks;
  const tail = 1 + 1 + 1;
  return mergedAt + trunk + tail;
}

interface Restored {
  readonly output: Value;
  /** Of all frames but the first, [N (F - 1), 2, H, W] in pixels of the packed frames. */
  readonly flow: Value | undefined;
}

function restored(config: CompactBurstConfig, scope: ParameterScope, burst: Value): Restored {
  if (burst.shape.length !== 5 || burst.shape[2] !== CHANNELS)
    throw new ParameterError(
      'compact-burst input',
      `[batch, frames, ${CHANNELS} channels, height, width]`,
      burst.shape,
    );
  const [batch, count, , height, width] = burst.shape as [number, number, number, number, number];
  const flat = reshape(burst, [batch * count, CHANNELS, height, width]);
  const linear = padToMultiple(flat, multipleOf(config));
  const samples = compressed(linear);
  const features = encoded(config, scope.child('encoder'), samples);
  const flow = count === 1 ? undefined : flowOf(config, scope, { batch, samples, features });
  const mean = merged(scope.child('merge'), { batch, samples, features, flow });
  const [ownFeatures, ownSamples] = [features, samples].map((x) => someFrames(x, batch, 0, 1));
  const first = { features: ownFeatures!, samples: ownSamples! };
  const { detail, share } = reconstructed(config, scope, first, mean);
  const anchor = add(first.samples, mul(sub(mean.samples, first.samples), share));
  const base = compressed(demosaicked(expanded(anchor), config.scale));
  const scale = 2 * config.scale;
  const output = crop(expanded(add(base, detail)), scale * height, scale * width);
  return { output, flow: flow && crop(flow, height, width) };
}

function encoded(config: CompactBurstConfig, scope: ParameterScope, samples: Value): Value {
  const head = layer(scope.child('head'), samples, { filters: config.features });
  return residualBlocks(scope, rectified(head), config.encoderBlocks);
}

function flowOf(
  { flowLevels: levels, maxFlow, window }: CompactBurstConfig,
  scope: ParameterScope,
  frames: { readonly batch: number; readonly samples: Value; readonly features: Value },
): Value {
  const { batch, samples, features } = frames;
  const brightness = byBurst(reduceMean(samples, [1], false), batch);
  const count = brightness.shape[1]!;
  const [first, others] = [
    [0, 1],
    [1, count],
  ].map(([start, end]) => slice(brightness, 1, start!, end!));
  const flow = register(first!, others!, { levels, maxFlow, window });
  return refined(scope.child('flow'), features, flow, { batch, maxFlow });
}

/**
 * The image's detail [N, 3, 2 scale H, 2 scale W] and the share [N, 4, H, W] that the mean of the
 * frames has in what it is added to; the first frame has the rest.
 */
function reconstructed(
  { scale, trunkFeatures: filters, trunkBlocks }: CompactBurstConfig,
  scope: ParameterScope,
  first: Pick<Merged, 'features' | 'samples'>,
  mean: Merged,
): { readonly detail: Value; readonly share: Value } {
  const trunk = scope.child('trunk');
  const features = concat([mean.features, first.features], 1);
  const samples = concat([mean.samples, first.samples, mean.squares], 1);
  const ofSamples = layer(trunk.child('samples'), samples, { filters, bias: false });
  const head = rectified(add(layer(trunk.child('head'), features, { filters }), ofSamples));
  const body = residualBlocks(trunk, head, trunkBlocks);
  const tail = scope.child('tail');
  const share = sigmoid(layer(tail.child('share'), body, { filters: CHANNELS }, 0));
  const fine = Math.ceil(filters / SHARE_OF_FINE);
  const shuffled = pixelShuffle(layer(tail.child('up'), body, { filters: 4 * fine }), 2);
  const joined = rectified(layer(tail.child('fine'), rectified(shuffled), { filters: fine }));
  const last = layer(tail.child('last'), joined, { filters: 3 * scale ** 2 }, 0);
  return { detail: pixelShuffle(last, scale), share };
}

/** Square roots, so that the noise is about as large in light as in shade. */
function compressed(linear: Value): Value {
  return sub(sqrt(add(relu(linear), scalar(DARK))), scalar(Math.sqrt(DARK)));
}

/** The inverse of `compressed`; grows with its argument everywhere. */
function expanded(root: Value): Value {
  const whole = add(root, scalar(Math.sqrt(DARK)));
  return sub(mul(whole, abs(whole)), scalar(DARK));
}

/** The configuration as far as shapes determine it; they do not depend on flow and frames. */
function configureCompactBurst(state: StateShapes): Record<string, unknown> | undefined {
  const features = shapeOf(state, 'encoder.head.weight', 4)?.[0];
  const trunkFeatures = shapeOf(state, 'trunk.head.weight', 4)?.[0];
  const details = shapeOf(state, 'tail.last.weight', 4)?.[0];
  if (features === undefined || trunkFeatures === undefined || details === undefined)
    return undefined;
  const blocks = (part: string): number =>
    countLayers(state, (block) => `${part}.body.${block}.conv1.weight`);
  return {
    scale: Math.sqrt(details / 3),
    features,
    encoderBlocks: blocks('encoder'),
    trunkFeatures,
    trunkBlocks: blocks('trunk'),
  };
}

/** Channels that share a weight. */
const CHANNELS_PER_WEIGHT = 4;
/** The weights begin as nearly equal. */
const FIRST_GAIN = 0.1;
/** Logits of the weights lie within this of 0. */
const LARGEST_LOGIT = 4;
/** More than any flow, so that whole pixels can be cut off towards zero. */
const OFFSET = 1024;

/** Frames of N bursts one after another, the reference of each first. */
interface FrameStack {
  readonly batch: number;
  /** Samples of the frames [N F, 4, H, W]. */
  readonly samples: Value;
  /** [N F, C, H, W]. */
  readonly features: Value;
  /** Of all but the first frames, [N (F - 1), 2, H, W] in pixels; none for one frame. */
  readonly flow: Value | undefined;
}

/** All frames as one, as large as the first. */
interface Merged {
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
 * its image.
 */
function merged(scope: ParameterScope, stack: FrameStack): Merged {
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
  const split = reshape(all, [batch, frames, groups, CHANNELS_PER_WEIGHT, height, width]);
  const mean = reshape(reduceSum(mul(split, grouped), [1]), [batch, channels, height, width]);
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

const FEATURES = 16;
const HIDDEN = 32;
const DILATIONS = [1, 2, 4];

/** Largest correction in pixels: registration is not further off where it is of use. */
const LARGEST = 2;

/** Pixels on each side that a corrected flow depends on, besides those read through the flow. */
const REFINEMENT_RADIUS = 1 + DILATIONS.reduce((sum, dilation) => sum + dilation, 0) + 1;

/**
 * A flow corrected by what it leaves apart: small convolutions over the first frame's features and
 * those of the others, read where the flow points.
 * @param features of all frames [N F, C, H, W].
 * @param flow of all but the first [N (F - 1), 2, H, W] in pixels.
 */
function refined(
  scope: ParameterScope,
  features: Value,
  flow: Value,
  { batch, maxFlow }: { readonly batch: number; readonly maxFlow: number },
): Value {
  const frames = features.shape[0]! / batch;
  const projected = layer(scope.child('project'), features, { filters: FEATURES, kernel: 1 });
  const first = someFrames(projected, batch, 0, 1);
  const seen = warp(someFrames(projected, batch, 1, frames), flow, 'border');
  const ofSeen = layer(scope.child('others'), seen, { filters: HIDDEN });
  const ofFirst = layer(scope.child('first'), first, { filters: HIDDEN, bias: false });
  let x = rectified(addToFrames(ofSeen, ofFirst));
  for (const [index, dilation] of DILATIONS.entries()) {
    const spread = { filters: HIDDEN, dilation, padding: dilation };
    x = rectified(layer(scope.child(`body.${index}`), x, spread));
  }
  const last = convolution(scope.child('last'), x, { filters: 2, initial: { kind: 'zeros' } });
  const step = mul(tanh(last), scalar(LARGEST));
  return clip(add(flow, step), { minimum: -maxFlow, maximum: maxFlow });
}

const SLOPE = 0.1;
/** Of the last convolution of a residual block at first, so that blocks begin as they are. */
const FIRST_SHARE = 0.1;

function rectified(x: Value): Value {
  return leakyRelu(x, SLOPE);
}

/**
 * A convolution that begins with weights under which rectified values keep their size (He et al.,
 * "Delving Deep into Rectifiers", ICCV 2015), times `gain`.
 */
function layer(
  scope: ParameterScope,
  x: Value,
  options: Omit<ConvolutionLayer, 'initial'>,
  gain = 1,
): Value {
  const { kernel = 3 } = options;
  const fanIn = x.shape[1]! * kernel ** 2;
  const bound = gain * Math.sqrt(6 / fanIn);
  const initial: Initial = gain === 0 ? { kind: 'zeros' } : { kind: 'uniform', bound };
  return convolution(scope, x, { ...options, initial });
}

/** `count` residual blocks of two convolutions, `body.0` to `body.(count - 1)`. */
function residualBlocks(scope: ParameterScope, x: Value, count: number): Value {
  const filters = x.shape[1]!;
  let result = x;
  for (let block = 0; block < count; block += 1) {
    const blockScope = scope.child(`body.${block}`);
    const hidden = rectified(layer(blockScope.child('conv1'), result, { filters }));
    result = add(result, layer(blockScope.child('conv2'), hidden, { filters }, FIRST_SHARE));
  }
  return result;
}

/** All frames of all bursts one after another, [N F, …], by burst: [N, F, …]. */
function byBurst(flat: Value, batch: number): Value {
  return reshape(flat, [batch, flat.shape[0]! / batch, ...flat.shape.slice(1)]);
}

/** The inverse of `byBurst`. */
function flattened(frames: Value): Value {
  const [batch, count, ...rest] = frames.shape as [number, number, ...number[]];
  return reshape(frames, [batch * count, ...rest]);
}

/** Frames `start` to `end` - 1 of every burst. */
function someFrames(flat: Value, batch: number, start: number, end: number): Value {
  return flattened(slice(byBurst(flat, batch), 1, start, end));
}

/** The first frame [N, …] of every burst before its others, where there are any. */
function withFirst(first: Value, others: Value | undefined): Value {
  if (others === undefined) return first;
  const batch = first.shape[0]!;
  return flattened(concat([byBurst(first, batch), byBurst(others, batch)], 1));
}

/** Adds to every frame what its burst has in common, [N, …]. */
function addToFrames(flat: Value, shared: Value): Value {
  const batch = shared.shape[0]!;
  return flattened(add(byBurst(flat, batch), byBurst(shared, batch)));
}
