import { z } from 'zod';

const count = z.int().min(1);

/** The reference's constructor arguments, under its names; defaults as for colour with a noise map. */
export const drunetSchema = z.strictObject({
  /** Channels of the input: the picture, and further maps such as the noise level. */
  in_nc: count.default(4),
  out_nc: count.default(3),
  /** Channels per level, the finest first. */
  nc: z.array(count).min(2).max(8).default([64, 128, 256, 512]),
  /** Residual blocks on each side of a level, and on the coarsest. */
  nb: count.default(4),
  /** The activation in a residual block: ReLU, or LeakyReLU with slope 0.2. */
  act_mode: z.literal(['R', 'L']).default('R'),
  // The reference's third way, maxpool, makes sizes that do not fit its skips.
  downsample_mode: z.literal(['strideconv', 'avgpool']).default('strideconv'),
  upsample_mode: z.literal(['convtranspose', 'pixelshuffle', 'upconv']).default('convtranspose'),
  /** Whether convolutions have a bias; the published weights have none. */
  bias: z.boolean().default(true),
});

export type DrunetConfig = z.infer<typeof drunetSchema>;
