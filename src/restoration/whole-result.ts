import { type Tensor, tensor } from '../tensor/tensor.js';
import type { OnRegion } from './restore-regions.js';
import { blendTile } from './tiling.js';

/** The pixels of a result in memory. */
export interface WholeResult {
  /** [3, H, W] in [0, 1]. */
  readonly picture: Tensor;
  /** What the restoration network gave, x_IR, not clamped. */
  readonly restored: Tensor;
}

/** Puts the regions of a result of height x width pixels together. */
export function collectRegions(
  height: number,
  width: number,
): { readonly onRegion: OnRegion; result(): WholeResult } {
  const whole = { top: 0, left: 0, height, width };
  let made: WholeResult | undefined;
  return {
    onRegion: ({ region, picture, restored }) => {
      if (region.rows.length === height && region.columns.length === width) {
        made = { picture, restored };
        return;
      }
      made ??= { picture: tensor([3, height, width]), restored: tensor([3, height, width]) };
      blendTile(picture, made.picture.data, whole, region);
      blendTile(restored, made.restored.data, whole, region);
    },
    result: () => made!,
  };
}
