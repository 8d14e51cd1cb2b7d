import { type ParameterScope, type Value, add, concat, constant, gelu, mul, reduceMean, reduceSum, reshape, slice, softmax } from '../../graph/index.js';
import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { convolution, layerNormalization, linear } from '../layers.js';
import type { PerceptualNetwork } from './perceptual-network.js';
import { normalizedForImagenet } from './resnet/imagenet.js';
import { isBatchCount } from './resnet/normalized-convolution.js';
import { resnetFeatures } from './resnet/resnet.js';
import { type TopiqConfig, comparingSchema, configurationOf, judgingSchema } from './topiq/configuration.js';
import { comparedFeatures, gatedFeatures } from './topiq/local-pooling.js';
import { positions } from './topiq/positions.js';
import { withShorterSide } from './topiq/resampling.js';
import { tokensOf } from './topiq/tokens.js';
import { decoder, encoder, encoderLayer } from './topiq/transformer.js';
export type { TopiqConfig } from './topiq/configuration.js';

/**
 * TOPIQ (Chen et al., "TOPIQ: A Top-down Approach from Semantics to Distortions for Image Quality
 * Assessment", IEEE TIP 2024) without a reference, on a residual network: the opinion score of a
 * picture alone, about 0 to 1, or 1 to the number of marks.
 */
export const topiqNr: PerceptualNetwork<TopiqConfig> = {
  name: 'topiq-nr',
  schema: judgingSchema,
  better: 'higher',
  pictures: () => 1,
  minimum: () => 1,
  build: (config, scope, [picture]) => {
    const x = requirePictures('topiq-nr', picture!);
    const sized = config.test_img_size === undefined ? x : withShorterSide(x, config.test_img_size);
    const features = backbone(config, scope, sized);
    const size = sizeOf(features.at(-1)!);
    return score(config, scope, features.length, (level) =>
      gatedFeatures(scope.child(`weight_pool.${level}`), features[level]!, size),
    );
  },
  configure: (state) => configurationOf(state, false),
  isBuffer: isBatchCount,
};

/** TOPIQ with a reference: the opinion score of a picture beside the picture that it should be. */
export const topiqFr: PerceptualNetwork<TopiqConfig> = {
  name: 'topiq-fr',
  schema: comparingSchema,
  better: 'higher',
  pictures: () => 2,
  minimum: () => 1,
  build: (config, scope, [picture, reference]) => {
    const x = requirePictures('topiq-fr', picture!);
    const y = requirePictures('topiq-fr reference', reference!);
    if (x.shape.join() !== y.shape.join())
      throw new ParameterError('topiq-fr reference', `the picture's shape [${x.shape}]`, y.shape);
    const batch = x.shape[0]!;
    const features = backbone(config, scope, concat([x, y], 0)).map(
      (both) => [slice(both, 0, 0, batch), slice(both, 0, batch, 2 * batch)] as const,
    );
    const size = sizeOf(features.at(-1)![0]);
    return score(config, scope, features.length, (level) =>
      comparedFeatures(scope.child(`weight_pool.${level}`), ...features[level]!, size),
    );
  },
  configure: (state) => configurationOf(state, true),
  isBuffer: isBatchCount,
};

function requirePictures(subject: string, x: Value): Value {
  if (x.shape.length !== 4 || x.shape[1] !== 3)
    throw new ParameterError(subject, 'RGB pictures [N, 3, H, W]', x.shape);
  return x;
}

function backbone(config: TopiqConfig, scope: ParameterScope, pictures: Value): Value[] {
  const normal = normalizedForImagenet(pictures);
  return resnetFeatures(config.backbone, scope.child('semantic_model'), normal);
}

function sizeOf(x: Value): [number, number] {
  return x.shape.slice(2) as [number, number];
}

/**
 * From the coarsest level to the finest, the tokens of what was seen so far look at those of the
 * next level; their mean gives the score [N].
 * @param pooledLevel features [N, C, h, w] of a level, the finest being 0.
 */
function score(
  config: TopiqConfig,
  scope: ParameterScope,
  levels: number,
  pooledLevel: (level: number) => Value,
): Value {
  const tokens = (level: number): Value => {
    const features = pooledLevel(level);
    const reduction = { filters: config.inter_dim, kernel: 1 };
    const reduced = gelu(convolution(scope.child(`dim_reduce.${level}.0`), features, reduction));
    const placed = add(tokensOf(reduced), positions(scope, config.inter_dim, sizeOf(features)));
    return encoder(config, scope.child(`sa_attn_blks.${level}`), placed);
  };
  let seen = tokens(levels - 1);
  for (let step = 0; step < levels - 1; step += 1)
    seen = decoder(config, scope.child(`attn_blks.${step}`), seen, tokens(levels - 2 - step));
  const all = encoderLayer(scope.child('attn_pool'), seen, config.num_heads);
  return opinion(config, scope.child('score_linear'), reduceMean(all, [1], false));
}

/** The score [N] of features [N, C]: one output, or the mean of marks by their probabilities. */
function opinion(config: TopiqConfig, scope: ParameterScope, x: Value): Value {
  const layer = (value: Value, place: number): Value => {
    const normal = layerNormalization(scope.child(`${place}`), value);
    return gelu(linear(scope.child(`${place + 1}`), normal, config.inter_dim));
  };
  const { num_class } = config;
  const last = linear(scope.child('6'), layer(layer(x, 0), 3), num_class);
  if (num_class === 1) return reshape(last, [x.shape[0]!]);
  const marks = Array.from({ length: num_class }, (_, index) => index + 1);
  return reduceSum(mul(softmax(last), constant(tensor([num_class], marks))), [1], false);
}
