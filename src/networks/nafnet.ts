import { type ParameterScope, type Value, add, pixelShuffle } from '../graph/index.js';
import { ParameterError } from '../tensor/errors.js';
import { convolution } from './layers.js';
import { nafnetBlock } from './nafnet/block.js';
import { configureNafnet } from './nafnet/configure.js';
import type { Network } from './network.js';
import { crop, padWithZeros } from './padding.js';
import { z } from 'zod';

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
        message: `expected as many levels as enc_blk_nums, ${enc_blk_nums.length}`,
      });
  });

/** The reference's constructor arguments, with its defaults. */
export type NafnetConfig = z.infer<typeof schema>;

/**
 * NAFNet (Chen et al., "Simple Baselines for Image Restoration", ECCV 2022). The input is a
 * degraded picture [N, img_channel, H, W] in [0, 1], to which the network adds a correction. Its
 * attention is pooled over the whole picture, filled up with zeros to the size of the levels.
 */
export const nafnet: Network<NafnetConfig> = {
  name: 'nafnet',
  schema,
  build: (config, scope, [picture]) => {
    const { img_channel, width: filters } = config;
    const [, channels, height, width] = picture!.shape as [number, number, number, number];
    if (channels !== img_channel)
      throw new ParameterError('nafnet input', `${img_channel} channels`, channels);
    const padded = padWithZeros(picture!, multiple(config));
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
