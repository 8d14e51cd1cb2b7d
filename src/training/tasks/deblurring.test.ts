import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createDegradation } from '../../degradation/create-degradation.js';
import { degradationSchema } from '../../degradation/settings.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import { defineTraining } from '../definition.js';
import { openSource, type Photographs } from '../photographs/photographs.js';
import { parseRecipe, type Recipe, type RestorerRecipe } from '../recipe.js';
import { imageFolder } from '../testing/fixtures.js';
import { madeUpByte, madeUpImage } from '../testing/images.js';
import { deblurRecipe, restorerRecipe } from '../testing/recipes.js';
import { heldOutSamples } from '../validation/held-out-samples.js';
import { deblurring } from './deblurring.js';
import { openTask } from './index.js';
import { centre, taskBatch } from './samples.js';

const crop = 12;
const blur = { kind: 'motion-blur', path: 6, rotation: 0, objects: false } as const;
const settings = degradationSchema.parse(blur);
const task = deblurring({ crop, degradation: settings });

function photographs(side: number): Photographs {
  const image = async () => ({
    height: side,
    width: side,
    data: madeUpImage(0, side, side),
  });
  return { folder: 'made up', count: 1, image };
}

async function batchOf(recipe: Recipe, step: number): Promise<Record<string, Tensor>> {
  const definition = defineTraining(recipe, {});
  return (await definition.batch(await openSource(recipe), step)) as Record<string, Tensor>;
}

function partOf(batch: Tensor, index: number): Tensor {
  const shape = batch.shape.slice(1);
  const size = batch.data.length / batch.shape[0]!;
  return tensor(shape, batch.data.subarray(index * size, (index + 1) * size));
}

test('the input is the blurred photograph where the target is, in 8 bits', () => {
  const side = crop + 2 * task.margin;
  const image = tensor(
    [3, side, side],
    Float32Array.from({ length: 3 * side * side }, (_, i) => ((i * 37) % 256) / 255),
  );
  const place = { seed: 5, index: 2 };
  const { input, target } = task.degrade(image, place);
  expect(target).toEqual(centre(image, crop));
  const whole = createDegradation(settings).apply(image, place);
  const exact = centre(whole, crop).data;
  expect(input.shape).toEqual([3, crop, crop]);
  for (const [i, value] of input.data.entries()) {
    expect(Math.abs(value - exact[i]!)).toBeLessThanOrEqual(0.5 / 255 + 1e-6);
    expect(Math.abs(255 * value - Math.round(255 * value))).toBeLessThan(1e-4);
  }
});

test('every sample has a blur of its own, a function of seed, step and sample', async () => {
  // The only crop that fits is the whole photograph, in one of eight orientations.
  const whole = photographs(crop + 2 * task.margin);
  const draw = async (seed: number, step: number, first: number) =>
    taskBatch(task, whole, { seed, step, first, count: 40, crop });
  const { degraded, target } = (await draw(1, 2, 0)) as Record<string, Tensor>;
  const kinds = new Map<string, Set<string>>();
  for (let index = 0; index < 40; index += 1) {
    const sharp = partOf(target!, index).data.join();
    const blurred = kinds.get(sharp) ?? new Set();
    kinds.set(sharp, blurred.add(partOf(degraded!, index).data.join()));
  }
  expect(kinds.size).toBe(8);
  expect([...kinds.values()].reduce((sum, { size }) => sum + size, 0)).toBe(40);
  expect((await draw(1, 2, 0)).degraded).toEqual(degraded);
  const later = (await draw(1, 2, 7)).degraded as Tensor;
  expect(partOf(later, 0)).toEqual(partOf(degraded!, 7));
  expect((await draw(1, 3, 0)).degraded).not.toEqual(degraded);
  expect((await draw(2, 2, 0)).degraded).not.toEqual(degraded);
});

/** Sharp images with their negatives in the place of blurred ones. */
async function negatives(...sides: readonly number[]): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of ['blur', 'sharp']) await mkdir(join(folder, name));
  for (const [index, side] of sides.entries()) {
    const raw = { width: side, height: side, channels: 3 } as const;
    const bytes = madeUpImage(index, side, side);
    for (const [name, data] of [
      ['sharp', bytes],
      ['blur', bytes.map((value) => 255 - value)],
    ] as const)
      await sharp(data, { raw })
        .png()
        .toFile(join(folder, name, `${index}.png`));
  }
  return folder;
}

test('pairs from disk give the same square of both images, reduced ones too', async () => {
  const pairs = await negatives(40, 48);
  for (const reductions of [[1], [2]]) {
    const recipe = deblurRecipe(pairs, { pairs, reductions, batch: 16 });
    const { degraded, target } = await batchOf(recipe, 1);
    expect(target!.data.some((value) => value !== target!.data[0])).toBe(true);
    for (const [i, value] of degraded!.data.entries())
      expect(Math.abs(1 - value - target!.data[i]!)).toBeLessThan(1.01 / 255);
  }
});

test('held-out pairs are the centres of both images', async () => {
  const pairs = await negatives(40, 31, 48);
  const validation = { data: pairs, images: 2 };
  const recipe = deblurRecipe(pairs, { pairs, validation });
  const samples = await heldOutSamples(recipe, openTask(recipe as RestorerRecipe));
  expect(samples).toHaveLength(2);
  for (const { input, target, index } of samples) {
    expect(input!.shape).toEqual([3, 16, 16]);
    for (const [i, value] of input!.data.entries())
      expect(value + target.data[i]!).toBeCloseTo(1, 6);
    const first = Math.floor(((index === 0 ? 40 : 31) - 16) / 2);
    expect(target.data[0]).toBe(Math.fround(madeUpByte(index, 0, first, first) / 255));
  }
});

test('a folder without pairs is refused by name', async () => {
  const pairs = await imageFolder([40, 40]);
  await expect(openSource(deblurRecipe(pairs, { pairs }))).rejects.toThrow(InputError);
});

test('without settings the blur is the usual one, which the recipe states', () => {
  const { degradation: _, ...entries } = deblurRecipe('photos') as unknown as Record<
    string,
    unknown
  >;
  const recipe = parseRecipe(entries) as { degradation?: { kind: string } };
  expect(recipe.degradation).toMatchObject({ kind: 'motion-blur', noise: expect.anything() });
  expect(parseRecipe(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
});

test('recipes that make no sense for deblurring are refused by name', () => {
  const make = (changes: object) => () => deblurRecipe('photos', changes);
  expect(make({ task: 'sharpen' })).toThrow('recipe.task: expected one of sr4, deblur');
  expect(make({ pairs: 'p', degradation: blur })).toThrow(
    'recipe.degradation: expected nothing beside pairs',
  );
  expect(make({ scale: 4 })).toThrow('recipe.scale: expected no such entry of kind restorer');
  expect(make({ degradation: { kind: 'motion-blur', path: -1 } })).toThrow(
    'recipe.degradation.path',
  );
  expect(() => restorerRecipe('photos', { degradation: blur })).toThrow(
    'recipe.degradation: expected no such entry of kind restorer',
  );
  const define = (changes: object) => () => defineTraining(deblurRecipe('photos', changes), {});
  expect(define({ degradation: { kind: 'bicubic', scale: 2 } })).toThrow(ParameterError);
  expect(define({ network: 'compact-restorer', config: { scale: 2 } })).toThrow(
    'network: expected one that keeps the size',
  );
});
