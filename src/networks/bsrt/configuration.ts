import { z } from 'zod';
import { positionsFit } from '../swinir/windows.js';

const count = z.int().min(1);

/** Features and blocks of the published sizes; the first depth is of the blocks before alignment. */
const LEVELS = {
  S: { embedding: 60, depths: [6, 6, 6, 6, 6] },
  L: { embedding: 180, depths: [6, 8, 8, 8, 8, 8, 8] },
} as const;

/** The reference's options, under its names and with its defaults. */
const reference = z.strictObject({
  model_level: z.enum(['S', 'L']).default('S'),
  burst_size: count.max(64).default(14),
  embed_dim: count.optional(),
  depths: z.array(count).min(2, 'expected one entry before alignment, and more after').optional(),
  num_heads: z.array(count).min(2).optional(),
  window_size: count.default(8),
  mlp_ratio: z.number().positive().default(2),
});

/** BSRT's configuration in checked form. */
export interface BsrtConfig {
  /** Frames of a burst, which the weights are made for; the first is the reference. */
  readonly frames: number;
  readonly embedding: number;
  /** Swin blocks applied to every frame before alignment. */
  readonly frameBlocks: number;
  readonly frameHeads: number;
  /** Swin blocks of each residual group after fusion. */
  readonly depths: readonly number[];
  readonly heads: readonly number[];
  readonly window: number;
  readonly hiddenFeatures: number;
}

/** Checks a configuration in the reference's names and gives it in this project's. */
export const bsrtSchema: z.ZodType<BsrtConfig> = reference
  .transform((config) => {
    const level = LEVELS[config.model_level];
    const depths = config.depths ?? [...level.depths];
    return {
      ...config,
      depths,
      embed_dim: config.embed_dim ?? level.embedding,
      num_heads: config.num_heads ?? depths.map(() => 6),
    };
  })
  .superRefine(({ embed_dim, depths, num_heads, window_size, mlp_ratio }, context) => {
    const refuse = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (num_heads.length !== depths.length)
      refuse(['num_heads'], `expected one entry per entry of depths (${depths.length})`);
    num_heads.forEach((heads, layer) => {
      if (embed_dim % heads !== 0)
        refuse(['num_heads', layer], `expected a divisor of embed_dim ${embed_dim}`);
    });
    const blocks = depths.reduce((sum, depth) => sum + depth, 0);
    if (!positionsFit(blocks, window_size))
      refuse(['window_size'], `expected smaller windows for ${blocks} blocks`);
    if (window_size % 2 !== 0) refuse(['window_size'], 'expected an even number');
    if (Math.floor(embed_dim * mlp_ratio) < 1)
      refuse(['mlp_ratio'], 'expected at least one hidden feature');
  })
  .transform((config) => ({
    frames: config.burst_size,
    embedding: config.embed_dim,
    frameBlocks: config.depths[0]!,
    frameHeads: config.num_heads[0]!,
    depths: config.depths.slice(1),
    heads: config.num_heads.slice(1),
    window: config.window_size,
    hiddenFeatures: Math.floor(config.embed_dim * config.mlp_ratio),
  }));
