import { z } from 'zod';

const count = z.int().min(1);

export const compactBurstSchema = z.strictObject({
  /** Output pixels per pixel of the mosaic. */
  scale: z.union([z.literal(1), z.literal(2), z.literal(4)]).default(4),
  /** Channels of a frame’s features, a multiple of 4. */
  features: z.int().min(4).max(512).multipleOf(4).default(32),
  /** Residual blocks over every frame alone. */
  encoderBlocks: z.int().min(0).max(32).default(3),
  /** Channels of the features after merging. */
  trunkFeatures: count.max(512).default(64),
  /** Residual blocks after merging. */
  trunkBlocks: z.int().min(0).max(64).default(8),
  /** Sizes at which frames are registered, each half of the next. No parameter depends on it. */
  flowLevels: count.max(6).default(3),
  /**
   * Standard deviation of the windows in which frames are registered, in pixels of each size: wide
   * for a shaking hand, narrow for scenes that move. No parameter depends on it.
   */
  window: z.number().min(0.5).max(64).default(16),
  /**
   * Largest shift along each axis that is followed, in pixels of the packed frames (two of the
   * mosaic). No parameter depends on it; it bounds what an output pixel depends on.
   */
  maxFlow: z.number().positive().max(256).default(8),
  /** Frames of a burst where nobody says otherwise. No parameter depends on it. */
  frames: count.max(64).default(14),
});

export type CompactBurstConfig = z.infer<typeof compactBurstSchema>;
