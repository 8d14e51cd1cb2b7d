import { resizeBicubic } from '../../degradation/bicubic.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { randomCrop } from '../crops.js';
import { type Dataset, drawFrom } from '../custom.js';
import type { Photographs } from '../photographs.js';
import type { Recipe } from '../recipe.js';

/** Low-resolution pixels around a crop, so that its reduction equals that of the whole photograph. */
const MARGIN = 2;

/** Which part of a step's samples is wanted, and where from if not from photographs. */
export interface BatchPart {
  /** Number of the first sample; default 0. */
  readonly first?: number;
  readonly dataset?: Dataset | undefined;
}

/** Pairs for super-resolution: crops [N, 3, S, S] and their 8-bit bicubic reductions. */
export async function reducedPairs(
  photographs: Photographs,
  recipe: Recipe & { readonly scale: number },
  step: number,
  { first = 0, dataset }: BatchPart = {},
): Promise<{ low: Tensor; target: Tensor }> {
  const { batch, crop, scale, seed } = recipe;
  const small = crop / scale;
  const low = tensor([batch, 3, small, small]);
  const target = tensor([batch, 3, crop, crop]);
  const around = new Float32Array(3 * (crop + 2 * MARGIN * scale) ** 2);
  for (let index = 0; index < batch; index += 1) {
    const place = { seed, step, sample: first + index };
    if (dataset === undefined) {
      const outer = crop + 2 * MARGIN * scale;
      await randomCrop(photographs, place, outer, around);
      copyInside(reduced(tensor([3, outer, outer], around), scale), low.data, index, MARGIN);
      copyInside(tensor([3, outer, outer], around), target.data, index, MARGIN * scale);
    } else {
      const drawn = await drawFrom(dataset, { ...place, size: crop }, scale);
      copyInside(drawn.input ?? reduced(drawn.target, scale), low.data, index, 0);
      copyInside(drawn.target, target.data, index, 0);
    }
  }
  return { low, target };
}

/** A picture reduced by antialiased bicubic interpolation and rounded to 8 bits. */
export function reduced(picture: Tensor, scale: number): Tensor {
  const { shape, data } = scale === 1 ? picture : resizeBicubic(picture, { scale: 1 / scale });
  return tensor(
    shape,
    data.map((value) => Math.round(Math.min(1, Math.max(0, value)) * 255) / 255),
  );
}

/** Copies a square without its margin to the place of sample `index`. */
function copyInside(source: Tensor, target: Float32Array, index: number, margin: number): void {
  const outer = source.shape[2]!;
  const size = outer - 2 * margin;
  for (let plane = 0; plane < 3; plane += 1)
    for (let y = 0; y < size; y += 1) {
      const start = (plane * outer + y + margin) * outer + margin;
      const row = ((index * 3 + plane) * size + y) * size;
      target.set(source.data.subarray(start, start + size), row);
    }
}
