import { expect, test } from 'vitest';
import { defineTraining } from '../define.js';
import { openPhotographs } from '../photographs/photographs.js';
import { pictureFolder } from '../testing/picture-folder.js';
import { denoiserRecipe } from '../testing/recipes.js';
import { inHalves } from './halves.js';

const data = await pictureFolder([60, 44], [70, 80]);
const large = { crop: 40, config: { unshuffle: 2, widths: [64, 64], blocks: 2 } };
const halved = (changes: object, custom: object = {}) => {
  const recipe = denoiserRecipe(data, changes);
  const { batch, accumulate } = inHalves(recipe, defineTraining(recipe, {}), custom);
  return [batch, accumulate];
};

test('large batches of an even number of crops are halved, and no others', () => {
  expect(halved({ ...large, batch: 8 })).toEqual([4, 2]);
  expect(halved({ ...large, batch: 8, accumulate: 3 })).toEqual([4, 6]);
  expect(halved({ ...large, batch: 7 })).toEqual([7, 1]);
  expect(halved({ batch: 8 })).toEqual([8, 1]);
  const loss = () => {
    throw new Error('it is not called');
  };
  expect(halved({ ...large, batch: 8 }, { loss })).toEqual([8, 1]);
});

test('both halves together have the crops of the whole', async () => {
  const recipe = denoiserRecipe(data, { ...large, batch: 8 });
  const whole = defineTraining(recipe, {});
  const photographs = await openPhotographs(data);
  const half = defineTraining(inHalves(recipe, whole, {}), {});
  const parts = [await half.batch(photographs, 3, 0), await half.batch(photographs, 3, 1)];
  const all = await whole.batch(photographs, 3);
  for (const [name, { data: values }] of Object.entries(all))
    expect(parts.flatMap((part) => [...(part[name]!.data as Float32Array)])).toEqual([
      ...(values as Float32Array),
    ]);
});
