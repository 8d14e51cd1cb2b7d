import { expect, test } from 'vitest';
import { ParameterError } from '../utils/errors.js';
import { defineTraining } from './definition.js';
import { parseRecipe, type Recipe } from './recipe.js';
import { denoiserRecipe, restorerRecipe } from './testing/recipes.js';

test('a recipe is completed, and reads back as itself', () => {
  const { reductions, seed, warmup, ...rest } = restorerRecipe('photos');
  const complete = parseRecipe({ ...rest, schedule: { kind: 'cosine' } });
  expect(complete).toMatchObject({ reductions: [1], seed: 0, warmup: 0 });
  expect(complete.schedule).toEqual({ kind: 'cosine', final: 0.01 });
  expect(parseRecipe(JSON.parse(JSON.stringify(complete)))).toEqual(complete);
});

test.each<[object, string]>([
  [{ batch: 0 }, 'recipe.batch: expected at least 1, received 0'],
  [{ steps: 1.5 }, 'recipe.steps: expected an integer, received 1.5'],
  [{ learningRate: -1 }, 'recipe.learningRate: expected more than 0, received -1'],
  [{ loss: 'l2' }, 'recipe.loss: expected one of "mse", "l1", "charbonnier", received "l2"'],
  [{ average: 1 }, 'recipe.average: expected less than 1, received 1'],
  [{ schedule: { kind: 'cosine', final: 2 } }, 'recipe.schedule.final: expected at most 1'],
  [{ reductions: [] }, 'recipe.reductions: expected at least 1 entry'],
])('%j is refused by name', (changes, message) => {
  expect(() => restorerRecipe('photos', changes)).toThrow(ParameterError);
  expect(() => restorerRecipe('photos', changes)).toThrow(message);
});

test.each([
  [{ batch: 1e5, crop: 16 }, 'recipe.batch: expected at most 65536, received 100000'],
  [{ batch: 2730, crop: 512 }, undefined],
  [{ batch: 2731, crop: 512 }, 'recipe.batch: expected at most 2730 of crop 512, received 2731'],
  [{ crop: 1e9 }, 'recipe.crop: expected at most 16384, received 1000000000'],
])('crops of a batch are what a tensor holds: %j', (changes, message) => {
  const parse = () => restorerRecipe('photos', changes);
  if (message === undefined) expect(parse().batch).toBe(2730);
  else expect(parse).toThrow(message);
});

test('what is wrong is told before what is missing', () => {
  const { steps: _, ...rest } = restorerRecipe('photos');
  expect(() => parseRecipe({ ...rest, warmup: -1 })).toThrow('recipe.warmup: expected');
  expect(() => parseRecipe(rest)).toThrow('recipe.steps: expected a number, received undefined');
});

test('an entry of another choice is named with that choice', () => {
  const schedule = { kind: 'cosine', factor: 0.5 };
  expect(() => restorerRecipe('photos', { schedule })).toThrow(
    'recipe.schedule.factor: expected no such entry of kind cosine, received 0.5',
  );
});

test('an entry that no recipe has is named', () => {
  expect(() => restorerRecipe('photos', { setps: 5 })).toThrow(
    'recipe.setps: expected no such entry of kind restorer and task sr4, received 5',
  );
});

test.each<[Recipe, string]>([
  [restorerRecipe('photos', { network: 'compact' }), 'recipe.network: expected one of '],
  [restorerRecipe('photos', { crop: 18 }), 'crop: expected a multiple of scale 4, received 18'],
  [restorerRecipe('photos', { scale: 2 }), "scale: expected the network's own 4, received 2"],
  [
    denoiserRecipe('photos', { sigma: { minimum: 0.5, maximum: 0.1, law: 'uniform' } }),
    'sigma: expected minimum <= maximum',
  ],
  [
    denoiserRecipe('photos', { sigma: { minimum: 0, maximum: 0.1, law: 'log-uniform' } }),
    'above 0 for log-uniform',
  ],
])('entries that do not fit each other are refused: %#', (recipe, message) => {
  expect(() => defineTraining(recipe, {})).toThrow(ParameterError);
  expect(() => defineTraining(recipe, {})).toThrow(message);
});
