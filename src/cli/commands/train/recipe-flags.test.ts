import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { parseRecipe, type Recipe } from '../../../training/recipe.js';
import { denoiserRecipe, fusionRecipe, restorerRecipe } from '../../../training/testing/recipes.js';
import { assembleRecipe } from './assemble-recipe.js';
import { entryFlags, givenEntries, recipeFlags } from './recipe-flags.js';

const validation = { data: 'held-out', crop: 16 };
const all = { clip: 1, from: 'other', validation };
const complete: Record<string, Recipe> = {
  restorer: restorerRecipe('photos', all),
  denoiser: denoiserRecipe('photos', all),
  fusion: fusionRecipe(
    'photos',
    { restorer: 'r', denoiser: 'd' },
    { ...all, validation: { ...validation, timesteps: [1] } },
  ),
};

/** The places of all entries of a recipe but its kind; the network's own are one entry. */
function placesOf(entries: object, below = ''): string[] {
  return Object.entries(entries).flatMap(([name, value]) => {
    const place = below + name;
    const inner = typeof value === 'object' && !Array.isArray(value) && name !== 'config';
    if (place === 'kind' || place === 'schedule.kind') return [];
    return inner ? placesOf(value, `${place}.`) : [place];
  });
}

test.each(['restorer', 'denoiser', 'fusion'] as const)(
  'every entry of a %s recipe has an option, and no two options one name',
  (kind) => {
    const flags = recipeFlags(kind);
    const places = flags.map(({ path }) => path.join('.'));
    for (const place of placesOf(complete[kind]!)) expect(places).toContain(place);
    expect(new Set(flags.map((flag) => flag.flags.split(' ')[0])).size).toBe(flags.length);
  },
);

test('options become the entries that they stand for', async () => {
  const given = givenEntries('denoiser', {
    data: 'photos',
    accumulate: '4',
    beta2: '0.99',
    clip: '0.5',
    weightDecay: '0.01',
    edge: '0.1',
    frequency: '0.2',
    levelWeight: 'none',
    freeze: 'head.*, *.bias',
    from: 'other.safetensors',
    keep: '3',
    validationData: 'held-out',
    validationEvery: '50',
    validationSigmas: '0.1,0.2',
  });
  expect(await assembleRecipe('denoiser', undefined, given)).toMatchObject({
    accumulate: 4,
    adam: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 },
    clip: 0.5,
    weightDecay: 0.01,
    edge: 0.1,
    frequency: 0.2,
    levelWeight: 'none',
    freeze: ['head.*', '*.bias'],
    from: resolve('other.safetensors'),
    keep: 3,
    validation: {
      ...{ data: resolve('held-out'), every: 50, images: 8, seed: 0, previews: 2 },
      sigmas: [0.1, 0.2],
    },
  });
});

test('paths in a recipe file are relative to the current folder, those of validation too', async () => {
  const file = join(await temporaryFolder(), 'recipe.json');
  await writeFile(file, JSON.stringify({ data: 'a', from: 'b', validation: { data: 'c' } }));
  const given = givenEntries('restorer', { validationEvery: '7' });
  const recipe = await assembleRecipe('restorer', file, given);
  expect(recipe).toMatchObject({
    data: resolve('a'),
    from: resolve('b'),
    validation: { data: resolve('c'), every: 7 },
  });
  expect(parseRecipe(recipe)).toEqual(recipe);
});

test('a wrong validation is told by its option', async () => {
  const given = givenEntries('restorer', { data: 'photos', validationEvery: '7' });
  await expect(assembleRecipe('restorer', undefined, given)).rejects.toThrow(
    'recipe.validation.data: expected text',
  );
  const wrong = givenEntries('restorer', { data: 'photos', keep: '0' });
  await expect(assembleRecipe('restorer', undefined, wrong)).rejects.toThrow(
    '--keep: expected at least 1',
  );
});

test('entries go by the flags that set them; those of a file by their own names', () => {
  const flags = entryFlags('denoiser', new Set(['batch', 'sigmaMin']));
  expect(flags).toMatchObject({
    'recipe.batch': '--batch',
    batch: '--batch',
    'recipe.sigma.maximum': '--sigma-max',
    sigma: '--sigma-min',
    adam: '--beta1, --beta2, --epsilon',
  });
  const ofFile = entryFlags('denoiser', new Set(['recipe', 'batch']));
  expect(ofFile).toEqual({ 'recipe.batch': '--batch', batch: '--batch' });
});
