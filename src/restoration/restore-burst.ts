import type { GraphRunner } from '../graph/graph-runner.js';
import { type Burst, burstInput, type FrameChoice, type FrameMotion } from './inputs/burst.js';
import type { Pack } from './pack.js';
import { requireInputKind } from './require-input-kind.js';
import { joinInput, type Restoration } from './restoration.js';
import { type RestoreResult, restoreWhole } from './restore-picture.js';
import type { RestoreOptions } from './restore-regions.js';

/** How a burst is restored. */
export interface BurstOptions extends RestoreOptions {
  /** Pixels of the result for one of the mosaic along each side, 1, 2 or 4; default: the pack's. */
  readonly scale?: number | undefined;
  /** Most frames that are used, the sharpest; default: all that the network takes. */
  readonly frames?: number | undefined;
  /**
   * Whether tiles follow the frames' motion, which networks follow for a few pixels only; default
   * true. `false` cuts all frames where they lie and leaves none out.
   */
  readonly align?: boolean | undefined;
}

/** The pixels of a restored burst and its facts. */
export interface BurstResult extends RestoreResult {
  readonly frames: FrameChoice;
  /** Of each frame of the burst; none where it was not asked for. */
  readonly motions: readonly FrameMotion[];
}

/** A burst joined with a pack that restores it. */
export interface BurstRestoration {
  readonly restoration: Restoration;
  readonly frames: FrameChoice;
  /** Of each frame of the burst; none where it was not asked for. */
  readonly motions: readonly FrameMotion[];
}

/**
 * Joins a burst with a pack. A result smaller than what the restoration network makes is reduced
 * with antialiasing in linear light, tile by tile.
 * @throws ParameterError for frames that do not fit together or a scale that the pack lacks,
 * ModelError for a pack of another task.
 */
export function joinBurst(
  burst: Burst,
  pack: Pack,
  { frames, scale, align }: Pick<BurstOptions, 'frames' | 'scale' | 'align'> = {},
): BurstRestoration {
  requireInputKind(pack, 'burst');
  const fitted = burstInput(burst, pack.restorer, { most: frames, align });
  const restoration = joinInput({ ...pack, restorer: fitted.restorer }, fitted.input, scale);
  return { restoration, frames: fitted.frames, motions: fitted.motions };
}

/**
 * Restores a burst of RAW frames to one sRGB picture: tiles of the frames are cut by an estimate of
 * their motion, the restoration network aligns what is left and joins them in linear light, the camera makes x_IR of that, and the sampler goes on as for any picture; see
 * `restoreRegions`. `restored` of the result is x_IR in sRGB.
 * @throws what `joinBurst` and `restorePicture` throw.
 */
export async function restoreBurst(
  burst: Burst,
  pack: Pack,
  runner: GraphRunner,
  { frames: most, scale, align, ...options }: BurstOptions = {},
): Promise<BurstResult> {
  const { restoration, ...facts } = joinBurst(burst, pack, { frames: most, scale, align });
  return { ...(await restoreWhole(restoration, runner, options)), ...facts };
}
