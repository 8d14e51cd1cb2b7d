import { DpirError } from '../tensor/errors.js';
import type { DatasetItem, LayoutName } from './dataset.js';
import { type PictureHeader, readPictureHeader } from './picture-header.js';

/** Pictures after which a scale is taken for granted to be what most of them say. */
const asked = 5;

/** The size that a target is compared with: a packed mosaic counts as its RGB grid. */
export function gridSize(
  { width, height, channels }: PictureHeader,
  layout: LayoutName,
): { readonly width: number; readonly height: number } {
  const packed = channels === 4 && (layout === 'synthetic-burst' || layout === 'burst-sr');
  return packed ? { width: 2 * width, height: 2 * height } : { width, height };
}

/**
 * Target pixels per input pixel of the first few pairs, by majority; 1 where no pair tells, and
 * for bursts without targets the 4 of their protocol.
 */
export async function pairScale(
  layout: LayoutName,
  items: readonly DatasetItem[],
): Promise<number> {
  const votes = new Map<number, number>();
  const usual = layout === 'synthetic-burst' || layout === 'burst-sr' ? 4 : 1;
  for (const { inputs, target } of items.filter((item) => item.target).slice(0, asked)) {
    try {
      const input = gridSize(await readPictureHeader(inputs[0]!), layout);
      const { width, height } = await readPictureHeader(target!);
      const scale = Math.max(
        1,
        Math.round(Math.sqrt((width * height) / (input.width * input.height))),
      );
      votes.set(scale, (votes.get(scale) ?? 0) + 1);
    } catch (error) {
      // Damage is the check's to tell.
      if (!(error instanceof DpirError)) throw error;
    }
  }
  const best = [...votes].sort((left, right) => right[1] - left[1])[0];
  return best?.[0] ?? usual;
}
