import { z } from 'zod';

const count = z.int().min(1);
const blocks = z.int().min(0);

/** The reference's constructor arguments, under its names and with its defaults. */
const reference = z.strictObject({
  inp_channels: count.default(3),
  out_channels: count.default(3),
  dim: count.default(48),
  num_blocks: z
    .array(blocks)
    .min(3, 'expected 3 levels; a fourth number is ignored')
    .max(4, 'expected 3 levels; a fourth number is ignored')
    .default([6, 6, 12, 8]),
  num_refinement_blocks: blocks.default(4),
  ffn_expansion_factor: z.number().positive().default(3),
  bias: z.boolean().default(false),
  LayerNorm_type: z.enum(['WithBias', 'BiasFree']).default('WithBias'),
});

/** What the blocks of the encoder and the decoder have in common. */
export interface BlockConfig {
  /** Hidden features of a feed-forward network over its features, rounded down. */
  readonly expansion: number;
  /** Whether the convolutions inside a block have a bias. */
  readonly bias: boolean;
  /** Whether the normalisations of a block subtract the mean and add a bias. */
  readonly centred: boolean;
}

/** FFTformer's configuration in checked form. */
export interface FftformerConfig extends BlockConfig {
  readonly inputs: number;
  readonly outputs: number;
  /** Features at full size; they double at half and again at quarter size. */
  readonly features: number;
  /** Blocks at full, half and quarter size, on each side. */
  readonly blocks: readonly [number, number, number];
  /** Blocks at full size after the decoder. */
  readonly refinements: number;
}

/** Checks a configuration in the reference's names and gives it in this project's. */
export const fftformerSchema: z.ZodType<FftformerConfig> = reference
  .superRefine(({ inp_channels, out_channels, dim, ffn_expansion_factor }, context) => {
    if (inp_channels !== 1 && inp_channels !== out_channels)
      context.addIssue({
        code: 'custom',
        path: ['inp_channels'],
        message: `expected 1 or out_channels ${out_channels}: the input is added to the output`,
      });
    if (dim * ffn_expansion_factor < 1)
      context.addIssue({
        code: 'custom',
        path: ['ffn_expansion_factor'],
        message: `expected at least ${1 / dim}: dim times it is the number of hidden features`,
      });
  })
  .transform((config) => ({
    inputs: config.inp_channels,
    outputs: config.out_channels,
    features: config.dim,
    blocks: config.num_blocks.slice(0, 3) as [number, number, number],
    refinements: config.num_refinement_blocks,
    expansion: config.ffn_expansion_factor,
    bias: config.bias,
    centred: config.LayerNorm_type === 'WithBias',
  }));
