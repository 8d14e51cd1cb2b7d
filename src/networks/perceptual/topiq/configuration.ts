import { z } from 'zod';
import type { StateShapes } from '../../network.js';
import { countLayers, shapeOf } from '../../state-shapes.js';
import { RESNET50, type ResnetConfig, resnetOf } from '../resnet/resnet.js';

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
export interface TopiqConfig {
  readonly inter_dim: number;
  readonly num_heads: number;
  readonly num_attn_layers: number;
  readonly num_class: number;
  readonly backbone: ResnetConfig;
  /** Pixels of the shorter side that pictures are resized to first; as they are without. */
  readonly test_img_size?: number | undefined;
}

export const comparingSchema: z.ZodType<TopiqConfig> = z.strictObject(shared).transform(withHeads);
export const judgingSchema: z.ZodType<TopiqConfig> = z
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
      message: `expected a divisor of inter_dim, ${inter_dim}`,
    });
  return { ...config, num_heads };
}

/** Shorter side of the pictures that the published network for 10 marks was trained on. */
const AESTHETIC_SIZE = 384;

/**
 * The configuration that a state dictionary's shapes imply; `undefined` where they are not those
 * of TOPIQ on a residual network, with references or without as `compares` says.
 */
export function configurationOf(
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
