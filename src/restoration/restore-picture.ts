import type { GraphRunner } from '../graph/graph-runner.js';
import type { Tensor } from '../tensor/tensor.js';
import { pictureInput } from './inputs/picture.js';
import type { Pack } from './pack.js';
import { requireInputKind } from './require-input-kind.js';
import { joinInput, type Restoration } from './restoration.js';
import { type RestorationFacts, type RestoreOptions, restoreRegions } from './restore-regions.js';
import { collectRegions, type WholeResult } from './whole-result.js';

/** The pixels of a restoration and its facts. */
export interface RestoreResult extends RestorationFacts, WholeResult {}

/**
 * Restores a picture with the three modules of a pack; see `restoreRegions`. The result is a
 * function of picture, pack, settings, seed, tile size and region size.
 * @param picture [3, H, W] in [0, 1].
 * @throws ParameterError for a picture of another shape or settings out of range, ModelError where
 * the pack is for other inputs or a module gives values that are not finite, CancelledError through
 * the runner.
 */
export async function restorePicture(
  picture: Tensor,
  pack: Pack,
  runner: GraphRunner,
  options: RestoreOptions = {},
): Promise<RestoreResult> {
  return restoreWhole(joinPicture(picture, pack), runner, options);
}

/**
 * Joins a picture with a pack.
 * @throws ParameterError for a picture of another shape, ModelError for a pack of another task.
 */
export function joinPicture(picture: Tensor, pack: Pack): Restoration {
  requireInputKind(pack, 'picture');
  return joinInput(pack, pictureInput(picture));
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
