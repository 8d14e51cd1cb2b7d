import { InputError } from '../tensor/errors.js';
import { tensor } from '../tensor/tensor.js';
import { copyCrop } from './crops.js';
import { type Dataset, drawFrom } from './custom.js';
import type { HeldOutSample } from './kinds/kind.js';
import { openPhotographs } from './photographs.js';
import type { Recipe } from './recipe.js';

/**
 * The centre crops [3, size, size] of the pictures that a recipe is validated on, the first by
 * name; of a dataset of one's own, the samples of step 0.
 * @throws InputError where one is damaged or too small; ParameterError as `drawFrom`.
 */
export async function heldOutSamples(
  recipe: Recipe,
  size: number,
  dataset?: Dataset,
): Promise<HeldOutSample[]> {
  const { data, pictures, seed } = recipe.validation!;
  const samples: HeldOutSample[] = [];
  if (dataset !== undefined) {
    const scale = 'scale' in recipe ? recipe.scale : 1;
    for (let index = 0; index < pictures; index += 1) {
      const place = { seed, step: 0, sample: index, size };
      samples.push({ ...(await drawFrom(dataset, place, scale)), seed, index });
    }
    return samples;
  }
  const photographs = await openPhotographs(data);
  for (let index = 0; index < Math.min(pictures, photographs.count); index += 1) {
    const picture = await photographs.picture(index);
    const { width, height } = picture;
    if (width < size || height < size) {
      const expected = `${size}x${size} pixels or more`;
      const what = `picture ${index + 1} by name has ${width}x${height} pixels`;
      throw new InputError(data, `${what}; expected ${expected} to validate on`, { expected });
    }
    const target = tensor([3, size, size]);
    const left = Math.floor((width - size) / 2);
    const top = Math.floor((height - size) / 2);
    copyCrop(picture, { left, top, size, orientation: 0 }, target.data);
    samples.push({ target, seed, index });
  }
  return samples;
}
