import { ModelError } from '../tensor/errors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import type { OnRun } from './estimator.js';
import { allFinite } from './finite.js';
import type { PackGraphs } from './pack-graphs.js';
import { blendTile, cutTile, type Tile } from './tiling.js';

/**
 * The restoration network alone: x_IR [3, H scale, W scale] of a picture [3, H, W], not clamped.
 * @throws ModelError where it gives values that are not finite.
 */
export async function runRestorer(
  picture: Tensor,
  scale: number,
  graphs: PackGraphs,
  tiles: readonly Tile[],
  onRun: OnRun,
): Promise<Tensor> {
  const [, height, width] = picture.shape as [number, number, number];
  const restored = tensor([3, height * scale, width * scale]);
  for (const tile of tiles) {
    const image = cutTile(picture.data, [3, height, width], tile);
    blendTile(await graphs.run('restore', tile, { image }), restored.data, width * scale, tile);
    await onRun(graphs.facts('restore', tile).macs);
  }
  if (!allFinite(restored.data))
    throw new ModelError('restorer', 'gave a value that is not finite');
  return restored;
}
