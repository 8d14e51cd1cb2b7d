import { z } from 'zod';
import {
  add,
  layerNorm,
  mul,
  type ParameterScope,
  pixelShuffle,
  reduceMean,
  slice,
  transpose,
  type Value,
} from '../graph/index.js';
import { ParameterError } from '../utils/errors.js';
import { convolution, crop, padWithZeros } from './layers.js';
import { countLayers, type RestorerNetwork, type StateShapes, shapeOf } from './network.js';

const blocks = z.int().min(0);

const schema = z
  .strictObject({
    img_channel: z.int().min(1).default(3),
    /** Channels of the finest level; every level below has twice as many. */
    width: z.int().min(1).default(16),
    /** Blocks of the coarsest level. */
    middle_blk_num: blocks.default(1),
    /** Blocks per level before halving, the finest first. */
    enc_blk_nums: z.array(blocks).max(8).default([]),
    /** Blocks per level after doubling, the coarsest first. */
    dec_blk_nums: z.array(blocks).max(8).default([]),
  })
  .superRefine(({ enc_blk_nums, dec_blk_nums }, context) => {
    if (enc_blk_nums.length !== dec_blk_nums.length)
      context.addIssue({
        code: 'custom',
        path: ['dec_blk_nums'],
        message: `as many levels as enc_blk_nums, ${enc_blk_nums.length}`,
      });
  });

/** The reference's constructor arguments, with its defaults. */
type NafnetConfig = z.infer<typeof schema>;

/**
 * NAFNet (Chen et al., "Simple Baselines for Image Restoration", ECCV 2022). The input is a
 * degraded image [N, img_channel, H, W] in [0, 1], to which the network adds a correction. Its
 * attention is pooled over the whole image, filled up with zeros to the size of the levels.
 */
export const nafnet: RestorerNetwork<NafnetConfig> = {
  name: 'nafnet',
  role: 'restorer',
  schema,
  build: (config, scope, [image]) => {
    const { img_channel, width: filters } = config;
    const [, channels, height, width] = image!.shape as [number, number, number, number];
    if (channels !== img_channel)
      throw new ParameterError('nafnet input', `${img_channel} channels`, channels);
    const padded = padWithZeros(image!, multiple(config));
    const shallow = convolution(scope.child('intro'), padded, { filters });
    const features = level(config, scope, shallow, 0);
    const made = convolution(scope.child('ending'), features, { filters: img_channel });
    return crop(add(made, padded), height, width);
  },
  inputShapes: ({ img_channel }, { batch, height, width }) => [[batch, img_channel, height, width]],
  scale: () => 1,
  sizeRule: (config) => ({ multiple: multiple(config), minimum: multiple(config) }),
  receptiveRadius: () => undefined,
  configure: configureNafnet,
};

function multiple({ enc_blk_nums }: NafnetConfig): number {
  return 2 ** enc_blk_nums.length;
}

/** What a level and all coarser ones make of [N, C, H, W], in the same shape. */
function level(config: NafnetConfig, scope: ParameterScope, x: Value, index: number): Value {
  const { middle_blk_num, enc_blk_nums, dec_blk_nums } = config;
  const levels = enc_blk_nums.length;
  if (index === levels) return sequence(scope.child('middle_blks'), x, middle_blk_num);
  const filters = 2 * x.shape[1]!;
  const last = levels - 1 - index;
  const fine = sequence(scope.child(`encoders.${index}`), x, enc_blk_nums[index]!);
  const halved = { filters, kernel: 2, stride: 2, padding: 0 };
  const coarse = convolution(scope.child(`downs.${index}`), fine, halved);
  const deep = level(config, scope, coarse, index + 1);
  const widened = { filters: 2 * filters, kernel: 1, bias: false };
  const doubled = pixelShuffle(convolution(scope.child(`ups.${last}.0`), deep, widened), 2);
  return sequence(scope.child(`decoders.${last}`), add(doubled, fine), dec_blk_nums[last]!);
}

function sequence(scope: ParameterScope, x: Value, count: number): Value {
  let result = x;
  for (let block = 0; block < count; block += 1)
    result = nafnetBlock(scope.child(`${block}`), result);
  return result;
}

/** NAFNet's constructor arguments from a state dictionary. */
function configureNafnet(state: StateShapes): Record<string, unknown> | undefined {
  const intro = shapeOf(state, 'intro.weight', 4);
  if (intro === undefined || !state.has('ending.weight')) return undefined;
  const [width, channels] = intro as [number, number];
  const levels = countLayers(state, (level) => `downs.${level}.weight`);
  const blocks = (sequence: string): number =>
    countLayers(state, (block) => `${sequence}.${block}.conv1.weight`);
  const perLevel = (part: string): number[] =>
    Array.from({ length: levels }, (_, level) => blocks(`${part}.${level}`));
  return {
    img_channel: channels,
    width,
    middle_blk_num: blocks('middle_blks'),
    enc_blk_nums: perLevel('encoders'),
    dec_blk_nums: perLevel('decoders'),
  };
}

/**
 * NAFNet's block on [N, C, H, W], without activation functions: a convolution part with a gate and
 * channel attention, then a gate between two pointwise convolutions, each added to its input by a
 * weight per channel, zero at first.
 */
function nafnetBlock(scope: ParameterScope, x: Value): Value {
  const channels = x.shape[1]!;
  const share = (name: string): Value => scope.parameter(name, [1, channels, 1, 1]);
  const pointwise = (name: string, value: Value, filters: number): Value =>
    convolution(scope.child(name), value, { filters, kernel: 1 });

  const wide = pointwise('conv1', normalized(scope.child('norm1'), x), 2 * channels);
  const local = convolution(scope.child('conv2'), wide, {
    filters: 2 * channels,
    groups: 2 * channels,
  });
  const gated = gate(local);
  const attention = pointwise('sca.1', reduceMean(gated, [2, 3]), channels);
  const mixed = pointwise('conv3', mul(gated, attention), channels);
  const y = add(x, mul(mixed, share('beta')));

  const fed = pointwise('conv4', normalized(scope.child('norm2'), y), 2 * channels);
  return add(y, mul(pointwise('conv5', gate(fed), channels), share('gamma')));
}

/** The first half of the channels times the second. */
function gate(x: Value): Value {
  const half = x.shape[1]! / 2;
  return mul(slice(x, 1, 0, half), slice(x, 1, half, 2 * half));
}

/** Normalisation of every pixel over its channels. */
function normalized(scope: ParameterScope, x: Value): Value {
  const channels = x.shape[1]!;
  const weight = scope.parameter('weight', [channels], { kind: 'ones' });
  const bias = scope.parameter('bias', [channels]);
  const last = layerNorm(transpose(x, [0, 2, 3, 1]), weight, bias, 1e-6);
  return transpose(last, [0, 3, 1, 2]);
}
