import type { GraphRunner } from '../engine/contract.js';
import { ModelError } from '../tensor/errors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { moduleKey, restorerGraph } from './module-graphs.js';
import type { Pack } from './pack.js';
import { blendTile, cutTile, type Tile } from './tiling.js';

/**
 * The restoration network alone: x_IR [3, H scale, W scale] of a picture [3, H, W], not clamped.
 * @throws ModelError where it gives values that are not finite.
 */
export async function runRestorer(
  picture: Tensor,
  pack: Pack,
  runner: GraphRunner,
  tiles: readonly Tile[],
  onTile: () => Promise<void>,
): Promise<Tensor> {
  const [, height, width] = picture.shape as [number, number, number];
  const { scale } = pack.manifest;
  const restored = tensor([3, height * scale, width * scale]);
  for (const tile of tiles) {
    const [rows, columns] = [tile.rows.length, tile.columns.length];
    const key = `restore ${moduleKey(pack.restorer)} ${rows}x${columns}`;
    const graph = await runner.compile(key, () => restorerGraph(pack.restorer, rows, columns));
    const image = cutTile(picture.data, [3, height, width], tile);
    const { output } = await graph.run({ image });
    blendTile(output as Tensor, restored.data, width * scale, tile, scale);
    await onTile();
  }
  if (restored.data.some((value) => !Number.isFinite(value)))
    throw new ModelError(pack.restorer.network.name, 'gave values that are not finite');
  return restored;
}
