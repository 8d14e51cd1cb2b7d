import { z } from 'zod';
import { type ParameterScope, scalar } from '../graph/leaves.js';
import {
  add,
  mul,
  pixelShuffle,
  pixelUnshuffle,
  relu,
  reshape,
  sigmoid,
  sub,
} from '../graph/operators/index.js';
import type { Value } from '../graph/value.js';
import {
  convolution,
  crop,
  DENSE_LAYERS,
  denseBlock,
  linear,
  padToMultiple,
  timeEncoding,
} from './layers.js';
import { type FusionNetwork, type StateShapes, shapeOf } from './network.js';

const schema = z.strictObject({
  /** Channels of the features that are mixed, and values of the time encoding; even. */
  features: z.int().min(2).multipleOf(2).default(64),
  /** Channels that each layer of a dense block adds. */
  growth: z.int().min(1).default(32),
  /** Both images are folded into r^2 times the channels at 1/r of the size; 1 in the paper. */
  unshuffle: z.int().min(1).max(8).default(1),
  /**
   * Adds the average of both images, weighted per colour by the timestep, to the output, which
   * then only corrects it; not in the paper.
   */
  residual: z.boolean().default(false),
});

type FusionConfig = z.infer<typeof schema>;

const DECODER_BLOCKS = 2;

/**
 * The branch that both images share: conv_in and the encoder. [N, 3, H, W] to features
 * [N, features, H / unshuffle, W / unshuffle].
 */
function fusionBranch(config: FusionConfig, scope: ParameterScope, image: Value): Value {
  const folded = config.unshuffle === 1 ? image : pixelUnshuffle(image, config.unshuffle);
  const features = convolution(scope.child('conv_in'), folded, {
    filters: config.features,
    kernel: 3,
  });
  return denseBlock(scope.child('encoder'), features, config.growth);
}

/**
 * Weights of the convex combination, [N, features] in (0, 1), for timesteps [N]: cosines then
 * sines of t / 10000^(2 i / features), two linear layers and a sigmoid.
 */
function fusionTimeWeight(config: FusionConfig, scope: ParameterScope, t: Value): Value {
  const hidden = timeFeatures(config, scope, t);
  return sigmoid(linear(scope.child('time.2'), hidden, config.features));
}

function timeFeatures({ features }: FusionConfig, scope: ParameterScope, t: Value): Value {
  return relu(linear(scope.child('time.0'), timeEncoding(t, features), features));
}

/** g x_IR + (1 - g) x_D with one g in (0, 1) per colour, made from the timestep. */
function weightedAverage(
  config: FusionConfig,
  scope: ParameterScope,
  [restored, denoised, t]: readonly [Value, Value, Value],
): Value {
  const gate = reshape(colourShare(config, scope, t), [t.shape[0]!, 3, 1, 1]);
  return add(denoised, mul(gate, sub(restored, denoised)));
}

/** g in (0, 1), [N, 3]. */
function colourShare(config: FusionConfig, scope: ParameterScope, t: Value): Value {
  return sigmoid(linear(scope.child('time.residual'), timeFeatures(config, scope, t), 3));
}

/**
 * Mixes the features of the restored and of the denoised image by `weight` [N, features] and
 * decodes them: w f1 + (1 - w) f2, dense blocks, conv_out.
 */
function fusionDecoder(
  config: FusionConfig,
  scope: ParameterScope,
  features: { readonly restored: Value; readonly denoised: Value; readonly weight: Value },
): Value {
  const weight = reshape(features.weight, [...features.weight.shape, 1, 1]);
  let x = add(mul(weight, features.restored), mul(sub(scalar(1), weight), features.denoised));
  for (let block = 0; block < DECODER_BLOCKS; block += 1)
    x = denseBlock(scope.child(`decoder.${block}`), x, config.growth);
  const folded = convolution(scope.child('conv_out'), x, { filters: 3 * config.unshuffle ** 2 });
  return config.unshuffle === 1 ? folded : pixelShuffle(folded, config.unshuffle);
}

function precompute(config: FusionConfig, scope: ParameterScope, restored: Value): Value {
  return fusionBranch(config, scope, padToMultiple(restored, config.unshuffle));
}

function finish(
  config: FusionConfig,
  scope: ParameterScope,
  known: Value,
  inputs: readonly Value[],
): Value {
  const [restored, denoised, t] = inputs as [Value, Value, Value];
  const [height, width] = restored.shape.slice(2) as [number, number];
  const decoded = fusionDecoder(config, scope, {
    restored: known,
    denoised: precompute(config, scope, denoised),
    weight: fusionTimeWeight(config, scope, t),
  });
  const estimate = crop(decoded, height, width);
  if (!config.residual) return estimate;
  return add(estimate, weightedAverage(config, scope, [restored, denoised, t]));
}

function configurationOf(state: StateShapes): Record<string, unknown> | undefined {
  const [features, folded] = shapeOf(state, 'conv_in.weight', 4) ?? [];
  const [growth] = shapeOf(state, 'encoder.conv1.weight', 4) ?? [];
  const isDecoded = state.has(`decoder.${DECODER_BLOCKS - 1}.conv1.weight`);
  if (folded === undefined || growth === undefined || !isDecoded) return undefined;
  const unshuffle = Math.round(Math.sqrt(folded / 3));
  return { features, growth, unshuffle, residual: state.has('time.residual.weight') };
}

/**
 * The fusion network of DP-IR (section 3 of the paper): inputs are the restored image, the
 * denoised image, both [N, 3, H, W], and the timesteps [N]; the output estimates x0.
 */
export const fusion: FusionNetwork<FusionConfig> = {
  name: 'fusion',
  role: 'fusion',
  schema,
  build: (config, scope, inputs) =>
    finish(config, scope, precompute(config, scope, inputs[0]!), inputs),
  split: { precompute, finish },
  mixing: (config, scope, t) => ({
    features: fusionTimeWeight(config, scope, t),
    ...(config.residual && { colours: colourShare(config, scope, t) }),
  }),
  inputShapes: (_config, { batch, height, width }) => [
    [batch, 3, height, width],
    [batch, 3, height, width],
    [batch],
  ],
  sizeRule: ({ unshuffle }) => ({ multiple: unshuffle, minimum: unshuffle }),
  receptiveRadius: ({ unshuffle }) => unshuffle * (2 + DENSE_LAYERS * (1 + DECODER_BLOCKS)),
  configure: configurationOf,
};
