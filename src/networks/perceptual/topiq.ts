import { z } from 'zod';
import {
  add,
  concat,
  constant,
  conv2d,
  gelu,
  matmul,
  mul,
  type ParameterScope,
  reduceMean,
  reduceSum,
  reshape,
  scalar,
  sigmoid,
  slice,
  softmax,
  sqrt,
  sub,
  type Value,
} from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { toTokens } from '../attention.js';
import { convolution, defaultInitial, layerNormalization, linear } from '../layers.js';
import { countLayers, type PerceptualNetwork, type StateShapes, shapeOf } from '../network.js';
import { adaptiveMean, withShorterSide } from '../resampling.js';
import {
  isBatchCount,
  normalizedForImagenet,
  RESNET50,
  type ResnetConfig,
  resnetFeatures,
  resnetOf,
} from './resnet.js';
import { decoder, encoder, encoderLayer, positions } from './topiq-transformer.js';

const positive = z.int().min(1);

const shared = {
  /** Channels of the tokens. */
  inter_dim: positive.multipleOf(2).default(256),
  /** Default: one per 64 channels, as all published checkpoints have. */
  num_heads: positive.optional(),
  num_attn_layers: positive.default(1),
  /** More than one: probabilities of the marks 1, 2, ..., whose mean is the score. */
  num_class: positive.default(1),
  backbone: z
    .strictObject({ depths: z.array(positive).min(1).max(8), width: positive })
    .default(() => ({ width: RESNET50.width, depths: [...RESNET50.depths] })),
};

/** TOPIQ's configuration in checked form, named as the reference's constructor arguments. */
interface TopiqConfig {
  readonly inter_dim: number;
  readonly num_heads: number;
  readonly num_attn_layers: number;
  readonly num_class: number;
  readonly backbone: ResnetConfig;
  /** Pixels of the shorter side that images are resized to first; as they are without. */
  readonly test_img_size?: number | undefined;
}

const comparingSchema: z.ZodType<TopiqConfig> = z.strictObject(shared).transform(withHeads);
const judgingSchema: z.ZodType<TopiqConfig> = z
  .strictObject({ ...shared, test_img_size: positive.max(8192).optional() })
  .transform(withHeads);

const CHANNELS_PER_HEAD = 64;

function withHeads(
  config: Omit<TopiqConfig, 'num_heads'> & { num_heads?: number | undefined },
  context: z.RefinementCtx,
): TopiqConfig {
  const { inter_dim, num_heads = Math.max(1, Math.floor(inter_dim / CHANNELS_PER_HEAD)) } = config;
  if (inter_dim % num_heads !== 0)
    context.addIssue({
      code: 'custom',
      path: ['num_heads'],
      message: `a divisor of inter_dim, ${inter_dim}`,
    });
  return { ...config, num_heads };
}

/** Shorter side of the images that the published network for 10 marks was trained on. */
const AESTHETIC_SIZE = 384;

/**
 * The configuration that a state dictionary's shapes imply; `undefined` where they are not those
 * of TOPIQ on a residual network, with or without references.
 */
function configurationOf(
  state: StateShapes,
  compares: boolean,
): Record<string, unknown> | undefined {
  const half = shapeOf(state, 'h_emb', 4)?.[1];
  const num_class = shapeOf(state, 'score_linear.6.weight', 2)?.[0];
  const backbone = resnetOf(state, 'semantic_model.');
  const mark = compares ? 'weight_pool.0.0.weight' : 'weight_pool.0.splitconv.weight';
  const layers = countLayers(state, (layer) => `sa_attn_blks.0.layers.${layer}.norm1.weight`);
  if (half === undefined || num_class === undefined || backbone === undefined) return undefined;
  if (!state.has(mark) || layers === 0) return undefined;
  const aesthetic = !compares && half === 256 && num_class === 10;
  return {
    inter_dim: 2 * half,
    num_attn_layers: layers,
    num_class,
    backbone,
    ...(aesthetic && { test_img_size: AESTHETIC_SIZE }),
  };
}

/**
 * TOPIQ (Chen et al., "TOPIQ: A Top-down Approach from Semantics to Distortions for Image Quality
 * Assessment", IEEE TIP 2024) without a reference, on a residual network: the opinion score of a
 * image alone, about 0 to 1, or 1 to the number of marks.
 */
export const topiqNr: PerceptualNetwork<TopiqConfig> = {
  name: 'topiq-nr',
  role: 'perceptual',
  images: 1,
  schema: judgingSchema,
  better: 'higher',
  inputShapes: (_config, { batch, height, width }) => [[batch, 3, height, width]],
  sizeRule: () => ({ multiple: 1, minimum: 1 }),
  build: (config, scope, [image]) => {
    const x = requireImages('topiq-nr', image!);
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

/** TOPIQ with a reference: the opinion score of an image beside the image that it should be. */
export const topiqFr: PerceptualNetwork<TopiqConfig> = {
  name: 'topiq-fr',
  role: 'perceptual',
  images: 2,
  schema: comparingSchema,
  better: 'higher',
  inputShapes: (_config, { batch, height, width }) => [
    [batch, 3, height, width],
    [batch, 3, height, width],
  ],
  sizeRule: () => ({ multiple: 1, minimum: 1 }),
  build: (config, scope, [image, reference]) => {
    const x = requireImages('topiq-fr', image!);
    const y = requireImages('topiq-fr reference', reference!);
    if (x.shape.join() !== y.shape.join())
      throw new ParameterError('topiq-fr reference', `the image's shape [${x.shape}]`, y.shape);
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

function requireImages(subject: string, x: Value): Value {
  if (x.shape.length !== 4 || x.shape[1] !== 3)
    throw new ParameterError(subject, 'RGB images [N, 3, H, W]', x.shape);
  return x;
}

function backbone(config: TopiqConfig, scope: ParameterScope, images: Value): Value[] {
  const normal = normalizedForImagenet(images);
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
    const placed = add(toTokens(reduced), positions(scope, config.inter_dim, sizeOf(features)));
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

/** Hidden features of the layers that weigh a pixel. */
const HIDDEN = 64;

/**
 * Features [N, C, H, W] of images alone, gated and weighted per pixel (no-reference pooling):
 * gelu(A x) w(B x), where A and B are 1x1 convolutions and w is one number per pixel.
 */
export function gatedFeatures(
  scope: ParameterScope,
  x: Value,
  size: readonly [number, number],
): Value {
  const channels = x.shape[1]!;
  const split = scope.child('splitconv');
  const initial = defaultInitial(channels);
  const kernels = split.parameter('weight', [2 * channels, channels, 1, 1], initial);
  const bias = split.parameter('bias', [2 * channels], initial);
  const part = (value: Value, index: number): Value =>
    slice(value, 0, index * channels, (index + 1) * channels);
  const gated = gelu(conv2d(x, part(kernels, 0), part(bias, 0)));

  // No activation lies between B and the first layer of w, so that the two are one convolution.
  const block = scope.child('weight_blk');
  const first = block.child('0');
  const narrow = first.parameter('weight', [HIDDEN, channels, 1, 1], initial);
  const flat = reshape(narrow, [HIDDEN, channels]);
  const joined = matmul(flat, reshape(part(kernels, 1), [channels, channels]));
  const carried = reshape(matmul(flat, reshape(part(bias, 1), [channels, 1])), [HIDDEN]);
  const offset = add(carried, first.parameter('bias', [HIDDEN], initial));
  const hidden = conv2d(x, reshape(joined, [HIDDEN, channels, 1, 1]), offset);
  return pooled(mul(gated, placeWeights(block, hidden)), size);
}

/** Keeps the root of a difference away from zero. */
const EPSILON = 1e-12;

/**
 * Features [N, 3 C, ...] of images, of their references and of the distance between both, all
 * weighted per pixel by the distance (full-reference pooling).
 */
export function comparedFeatures(
  scope: ParameterScope,
  x: Value,
  reference: Value,
  size: readonly [number, number],
): Value {
  const apart = sub(x, reference);
  const distance = sqrt(add(mul(apart, apart), scalar(EPSILON)));
  const first = convolution(scope.child('0'), distance, { filters: HIDDEN, kernel: 1 });
  const weights = placeWeights(scope, first);
  return concat(
    [x, reference, distance].map((part) => pooled(mul(part, weights), size)),
    1,
  );
}

/** Weights [N, 1, H, W] in (0, 1) by the layers after the first. */
function placeWeights(scope: ParameterScope, first: Value): Value {
  const second = convolution(scope.child('2'), gelu(first), { filters: HIDDEN });
  return sigmoid(convolution(scope.child('4'), gelu(second), { filters: 1 }));
}

/** Means over a grid of `size`; what is not larger both ways stays as it is. */
function pooled(x: Value, size: readonly [number, number]): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  return height > size[0] && width > size[1] ? adaptiveMean(x, size) : x;
}
