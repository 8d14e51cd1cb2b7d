import { z } from 'zod';

const count = z.int().min(1);

/** The reference's constructor arguments, under its names and with its defaults. */
const reference = z.strictObject({
  in_channels: count.default(3),
  out_channels: count.default(3),
  n_feat: count.min(8, 'expected at least 8: channel attention has an eighth of them').default(64),
  kernel_size: count.refine((size) => size % 2 === 1, 'expected an odd size').default(3),
  stride: z
    .literal(2, 'expected 2: the resizing units of a block double and halve the channels')
    .default(2),
  n_RRG: count.default(3),
  n_MSRB: count.default(2),
  height: count.max(8).default(3),
  width: count.max(16).default(2),
  bias: z.boolean().default(false),
});

/** MIRNet's configuration in checked form. */
export interface MirnetConfig {
  /** Channels of the input: the picture, and above `outputs` further maps such as the noise level. */
  readonly inputs: number;
  readonly outputs: number;
  readonly features: number;
  /** Side of the first and the last convolution's kernels. */
  readonly kernel: number;
  /** Residual groups, and multi-scale blocks in each. */
  readonly groups: number;
  readonly blocks: number;
  /** Scales of a block, each half as large as the one above and twice as deep. */
  readonly scales: number;
  /** Attention units per scale of a block. */
  readonly columns: number;
  /** Whether the convolutions outside the units have a bias. */
  readonly bias: boolean;
}

/** Checks a configuration in the reference's names and gives it in this project's. */
export const mirnetSchema: z.ZodType<MirnetConfig> = reference
  .superRefine(({ in_channels, out_channels }, context) => {
    if (in_channels !== 1 && in_channels < out_channels)
      context.addIssue({
        code: 'custom',
        path: ['in_channels'],
        message: `expected 1 or at least out_channels ${out_channels}: the input is added to the output`,
      });
  })
  .transform((config) => ({
    inputs: config.in_channels,
    outputs: config.out_channels,
    features: config.n_feat,
    kernel: config.kernel_size,
    groups: config.n_RRG,
    blocks: config.n_MSRB,
    scales: config.height,
    columns: config.width,
    bias: config.bias,
  }));
