import { z } from 'zod';
import { positionsFit } from './windows.js';

const side = z.int().min(1);

/** Pixels that a network may have an embedding for, which is the one size that it takes. */
const MOST_EMBEDDED = 2 ** 17;

/** The reference's constructor arguments, under its names and with its defaults. */
const reference = z.strictObject({
  img_size: z.union([side, z.tuple([side, side])]).default(64),
  patch_size: z.union([side, z.tuple([side, side])]).default(1),
  in_chans: side.default(3),
  embed_dim: side.default(96),
  depths: z.array(side).min(1).default([6, 6, 6, 6]),
  num_heads: z.array(side).min(1).default([6, 6, 6, 6]),
  window_size: side.default(7),
  mlp_ratio: z.number().positive().default(4),
  qkv_bias: z.boolean().default(true),
  qk_scale: z.number().nullish(),
  ape: z.boolean().default(false),
  patch_norm: z.boolean().default(true),
  upscale: z.int().min(1).max(16).optional(),
  img_range: z.number().positive().default(1),
  upsampler: z
    .enum(['', 'pixelshuffle', 'pixelshuffledirect', 'nearest+conv'])
    .nullish()
    .transform((name) => name ?? ''),
  resi_connection: z.enum(['1conv', '3conv']).default('1conv'),
  /** These touch training alone. */
  drop_rate: z.number().min(0).max(1).optional(),
  attn_drop_rate: z.number().min(0).max(1).optional(),
  drop_path_rate: z.number().min(0).max(1).optional(),
  use_checkpoint: z.boolean().optional(),
});

type Reference = z.output<typeof reference>;

/** SwinIR's configuration in checked form. */
export interface SwinirConfig {
  /** Channels of the input and the output; 3 are RGB and have the mean of DIV2K taken off. */
  readonly channels: number;
  readonly embedding: number;
  readonly depths: readonly number[];
  readonly heads: readonly number[];
  /** Side that pictures are padded to a multiple of. */
  readonly padding: number;
  /** Side of the attention windows: `padding`, or the trained size where that is smaller. */
  readonly window: number;
  /** Cyclic shift of every second block's windows, in pixels. */
  readonly shift: number;
  readonly hiddenFeatures: number;
  readonly queryBias: boolean;
  /** Factor on query-key products; undefined for 1 / sqrt(features per head). */
  readonly queryScale: number | undefined;
  /** Number of tokens of the learned position embedding; undefined where there is none. */
  readonly positions: number | undefined;
  readonly embeddingNorm: boolean;
  readonly scale: number;
  /** The picture's [0, 1] is multiplied by this inside. */
  readonly range: number;
  readonly upsampler: Reference['upsampler'];
  readonly residualConvolutions: 1 | 3;
}

/** Checks a configuration in the reference's names and gives it in this project's. */
export const swinirSchema: z.ZodType<SwinirConfig> = reference
  .superRefine((config, context) => {
    const refuse = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (config.num_heads.length !== config.depths.length)
      refuse(['num_heads'], `expected one entry per entry of depths (${config.depths.length})`);
    config.num_heads.forEach((heads, layer) => {
      if (config.embed_dim % heads !== 0)
        refuse(['num_heads', layer], `expected a divisor of embed_dim ${config.embed_dim}`);
    });
    if (config.resi_connection === '3conv' && config.embed_dim < 4)
      refuse(['embed_dim'], 'expected at least 4 with resi_connection 3conv');
    if (Math.floor(config.embed_dim * config.mlp_ratio) < 1)
      refuse(['mlp_ratio'], 'expected at least one hidden feature');
    if (Math.min(...patches(config)) < 1) refuse(['patch_size'], 'expected at most img_size');
    const [rows, columns] = patches(config);
    if (config.ape && rows * columns > MOST_EMBEDDED)
      refuse(['img_size'], `expected at most ${MOST_EMBEDDED} pixels with ape`);
    const scales = scalesOf[config.upsampler];
    if (config.upscale !== undefined && scales !== undefined && !scales.includes(config.upscale))
      refuse(
        ['upscale'],
        `expected ${scales.join(' or ')} with upsampler ${JSON.stringify(config.upsampler)}`,
      );
    const { window } = windows(config);
    const blocks = config.depths.reduce((sum, depth) => sum + depth, 0);
    if (!positionsFit(blocks, window) || !positionsFit(1, config.window_size))
      refuse(['window_size'], `expected smaller windows for ${blocks} blocks`);
    if (config.window_size % window !== 0)
      refuse(['img_size'], `expected more than window_size, or a divisor of it`);
  })
  .transform((config) => ({
    channels: config.in_chans,
    embedding: config.embed_dim,
    depths: config.depths,
    heads: config.num_heads,
    padding: config.window_size,
    ...windows(config),
    hiddenFeatures: Math.floor(config.embed_dim * config.mlp_ratio),
    queryBias: config.qkv_bias,
    queryScale: config.qk_scale || undefined,
    positions: config.ape ? patches(config)[0] * patches(config)[1] : undefined,
    embeddingNorm: config.patch_norm,
    scale: config.upscale ?? (config.upsampler === '' ? 1 : 2),
    range: config.img_range,
    upsampler: config.upsampler,
    residualConvolutions: config.resi_connection === '3conv' ? 3 : 1,
  }));

const scalesOf: Record<Reference['upsampler'], readonly number[] | undefined> = {
  '': [1],
  pixelshuffle: [1, 2, 3, 4, 8, 16],
  pixelshuffledirect: undefined,
  'nearest+conv': [2, 4],
};

type Sizes = Pick<Reference, 'img_size' | 'patch_size' | 'window_size'>;

function patches({ img_size, patch_size }: Sizes): [number, number] {
  const [height, width] = typeof img_size === 'number' ? [img_size, img_size] : img_size;
  const [rows, columns] = typeof patch_size === 'number' ? [patch_size, patch_size] : patch_size;
  return [Math.floor(height / rows), Math.floor(width / columns)];
}

/** Windows that would not fit the trained size shrink to it and are never shifted. */
function windows(config: Sizes): { window: number; shift: number } {
  const smallest = Math.min(...patches(config));
  return smallest <= config.window_size
    ? { window: smallest, shift: 0 }
    : { window: config.window_size, shift: Math.floor(config.window_size / 2) };
}
