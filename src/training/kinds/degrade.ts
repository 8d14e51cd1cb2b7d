import { resizeBicubic } from '../../degradation/bicubic.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { randomCrop } from '../crops.js';
import type { Photographs } from '../photographs.js';
import type { Recipe } from '../recipe.js';

/** Low-resolution pixels around a crop, so that its reduction equals that of the whole photograph. */
const MARGIN = 2;

/** Pairs for super-resolution: crops [N, 3, S, S] and their 8-bit bicubic reductions. */
export async function reducedPairs(
  photographs: Photographs,
  recipe: Recipe & { readonly scale: number },
  step: number,
): Promise<{ low: Tensor; target: Tensor }> {
  const { batch, crop, scale, seed } = recipe;
  const small = crop / scale;
  const outer = crop + 2 * MARGIN * scale;
  const around = new Float32Array(3 * outer * outer);
  const low = tensor([batch, 3, small, small]);
  const target = tensor([batch, 3, crop, crop]);
  for (let sample = 0; sample < batch; sample += 1) {
    await randomCrop(photographs, { seed, step, sample }, outer, around);
    const reduced = resizeBicubic(tensor([3, outer, outer], around), { scale: 1 / scale });
    const rounded = reduced.data.map(
      (value) => Math.round(Math.min(1, Math.max(0, value)) * 255) / 255,
    );
    copyInside(rounded, low.data, sample * 3, small, MARGIN);
    copyInside(around, target.data, sample * 3, crop, MARGIN * scale);
  }
  return { low, target };
}

function copyInside(
  source: Float32Array,
  target: Float32Array,
  firstPlane: number,
  size: number,
  margin: number,
): void {
  const outer = size + 2 * margin;
  for (let plane = 0; plane < 3; plane += 1)
    for (let y = 0; y < size; y += 1) {
      const start = (plane * outer + y + margin) * outer + margin;
      target.set(source.subarray(start, start + size), ((firstPlane + plane) * size + y) * size);
    }
}
