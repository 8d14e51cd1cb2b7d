import type { GraphRunner } from '../graph/graph-runner.js';
import type { Tensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import { type Burst, burstInput, type FrameChoice, type FrameMotion } from './burst/burst-input.js';
import { type DegradedInput, type InputKind, imageInput } from './image-input.js';
import type { Pack } from './pack.js';
import { type RestorationFacts, type RestoreOptions, restoreRegions } from './pipeline.js';
import { taskOf } from './tasks.js';
import { collectRegions, type WholeResult } from './tiles/assemble-regions.js';

/** A degraded input and the pack that restores it. */
export interface Restoration {
  readonly pack: Pack;
  readonly input: DegradedInput;
  /** Pixels of the result for one place of the input, along each side. */
  readonly scale: number;
  /** Pixels of the restoration network for one of the result, along each side. */
  readonly reduction: number;
}

/**
 * Joins an input with a pack whose restoration network fits it.
 * @param scale pixels of the result for one of the image or mosaic; default: that of the pack.
 * @throws ParameterError for a scale beyond that of the pack or no part of it.
 */
function joinInput(pack: Pack, input: DegradedInput, scale = pack.manifest.scale): Restoration {
  const { manifest } = pack;
  const { input: kind, scales } = taskOf(manifest.task);
  const possible = scales.filter((own) => own <= manifest.scale && manifest.scale % own === 0);
  if (!possible.includes(scale))
    throw new ParameterError(
      'scale',
      `${possible.join(' or ')} with a pack for ${manifest.task} of scale ${manifest.scale}`,
      scale,
    );
  return { pack, input, scale: scale * kind.cell, reduction: manifest.scale / scale };
}

/** The pixels of a restoration and its facts. */
export interface RestoreResult extends RestorationFacts, WholeResult {}

/**
 * Restores an image with the three modules of a pack; see `restoreRegions`. The result is a
 * function of image, pack, settings, seed, tile size and region size.
 * @param image [3, H, W] in [0, 1].
 * @throws ParameterError for an image of another shape or settings out of range, ModelError where
 * the pack is for other inputs or a module gives values that are not finite, CancelledError through
 * the runner.
 */
export async function restoreImage(
  image: Tensor,
  pack: Pack,
  runner: GraphRunner,
  options: RestoreOptions = {},
): Promise<RestoreResult> {
  return restoreWhole(joinImage(image, pack), runner, options);
}

/**
 * Joins an image with a pack.
 * @throws ParameterError for an image of another shape, ModelError for a pack of another task.
 */
export function joinImage(image: Tensor, pack: Pack): Restoration {
  requireInputKind(pack, 'image');
  return joinInput(pack, imageInput(image));
}

/** One sample of a restoration with all its pixels in memory. */
export async function restoreWhole(
  restoration: Restoration,
  runner: GraphRunner,
  options: RestoreOptions,
): Promise<RestoreResult> {
  const { input, scale } = restoration;
  const { onRegion, result } = collectRegions(input.height * scale, input.width * scale);
  const facts = await restoreRegions(restoration, runner, { ...options, samples: 1 }, onRegion);
  return { ...facts, ...result() };
}

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
 * Restores a burst of RAW frames to one sRGB image: tiles of the frames are cut by an estimate of
 * their motion, the restoration network aligns what is left and joins them in linear light, the camera makes x_IR of that, and the sampler goes on as for any image; see
 * `restoreRegions`. `restored` of the result is x_IR in sRGB.
 * @throws what `joinBurst` and `restoreImage` throw.
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

/**
 * Joins an input that gives tiles of one image [1, 3, rows, columns] in [0, 1] with a pack.
 * @throws ModelError for a pack of another task.
 */
export function joinDegraded(input: DegradedInput, pack: Pack): Restoration {
  requireInputKind(pack, 'image');
  return joinInput(pack, input);
}

/** @throws ModelError where a pack restores something else than such inputs. */
function requireInputKind({ manifest }: Pack, wanted: InputKind['name']): void {
  const { name } = taskOf(manifest.task).input;
  if (name === wanted) return;
  throw new ModelError(
    manifest.name,
    `is a pack for ${manifest.task}, which restores no ${wanted}`,
    {
      expected: `a pack that restores a ${wanted}`,
      received: `one that restores a ${name}`,
    },
  );
}
