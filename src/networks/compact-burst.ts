import { type ParameterScope, type Value, abs, add, concat, mul, pixelShuffle, reduceMean, relu, reshape, scalar, sigmoid, slice, sqrt, sub } from '../graph/index.js';
import { ParameterError } from '../tensor/errors.js';
import { type CompactBurstConfig, compactBurstSchema } from './compact-burst/configuration.js';
import { configureCompactBurst } from './compact-burst/configure.js';
import { demosaicked } from './compact-burst/demosaic.js';
import { byBurst, someFrames } from './compact-burst/frames.js';
import { layer, rectified, residualBlocks } from './compact-burst/layers.js';
import { type Merged, merged } from './compact-burst/merging.js';
import { REFINEMENT_RADIUS, refined } from './compact-burst/refinement.js';
import { register, registrationMultiple, registrationRadius } from './compact-burst/registration.js';
import type { Network } from './network.js';
import { crop, padToMultiple } from './padding.js';

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
export const compactBurst: Network<CompactBurstConfig> = {
  name: 'compact-burst',
  schema: compactBurstSchema,
  build: (config, scope, [burst]) => restored(config, scope, burst!).output,
  buildWithFlow: (config, scope, [burst]) => {
    const { output, flow } = restored(config, scope, burst!);
    if (flow === undefined) throw new ParameterError('frames', 'at least 2 for a flow', 1);
    return { output, flows: byBurst(mul(flow, scalar(2)), burst!.shape[0]!) };
  },
  inputShapes: ({ frames }, { batch, height, width }) => [[batch, frames, CHANNELS, height, width]],
  withFrames: (config, frames) => ({ ...config, frames }),
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
 * The picture's detail [N, 3, 2 scale H, 2 scale W] and the share [N, 4, H, W] that the mean of the
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
