import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { taskNames } from '../restoration/task-names.js';
import { sizeOf } from '../tensor/tensor.js';
import { declaredParameters, type Module } from '../weights/module-file.js';
import { completeRecipe } from './default-recipe.js';
import { defineTraining, recipeNetwork } from './definition.js';
import { type FusionRecipe, parseRecipe, type Recipe } from './recipe.js';
import { learningRateAt } from './step/training-step.js';

const folder = join(import.meta.dirname, '../../recipes');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

function read(name: string): Recipe {
  return parseRecipe(JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

function moduleOf(name: string): Module {
  return { ...recipeNetwork(read(name)), weights: new Map() };
}

/** The compact restorer of a recipe's task, which takes any number of frames. */
function restorerOf({ task }: FusionRecipe): Module {
  return moduleOf(`${task}-restorer.json`);
}

test('the package ships its recipes', () => {
  const manifest = JSON.parse(readFileSync(join(folder, '../package.json'), 'utf8'));
  expect(manifest.files).toContain('recipes');
  expect(files).toEqual([
    'burst-fusion.json',
    'burst-restorer.json',
    'deblur-fusion.json',
    'deblur-restorer.json',
    'denoiser.json',
    'paper-denoiser.json',
    'paper-fusion-burst.json',
    'paper-fusion-deblur.json',
    'paper-fusion-sr4.json',
    'sr4-fusion.json',
    'sr4-restorer.json',
  ]);
});

test.each(files)('%s is a recipe whose entries fit each other', (name) => {
  const recipe = read(name);
  const modules =
    recipe.kind === 'fusion'
      ? { restorer: restorerOf(recipe), denoiser: moduleOf('denoiser.json') }
      : {};
  const { estimate } = defineTraining(recipe, modules);
  expect(estimate.shape).toEqual([recipe.batch, 3, recipe.crop, recipe.crop]);
});

function parametersOf(name: string): number {
  const { network, config } = recipeNetwork(read(name));
  return [...declaredParameters(network, config).values()].reduce(
    (sum, { shape }) => sum + sizeOf(shape),
    0,
  );
}

test("the paper's denoiser: MIRNet-S, sigma to 244.3 of 255, 2e-4 x 0.999 every 2000 steps", () => {
  const recipe = read('paper-denoiser.json');
  expect(parametersOf('paper-denoiser.json')).toBe(15_951_310);
  expect(recipe).toMatchObject({ batch: 8, accumulate: 1, crop: 192, steps: 1_000_000 });
  expect(recipe).toMatchObject({ loss: 'mse', weightDecay: 0, average: 0, levelWeight: 'none' });
  expect(recipe.kind === 'denoiser' && recipe.sigma).toEqual({
    minimum: 0,
    maximum: 244.3 / 255,
    law: 'uniform',
  });
  expect(learningRateAt(1, recipe)).toBe(2e-4);
  expect(learningRateAt(2000, recipe)).toBe(2e-4);
  expect(learningRateAt(10_001, recipe)).toBeCloseTo(2e-4 * 0.999 ** 5, 12);
});

test.each(taskNames)(
  "the paper's fusion network for %s: 128 crops of 256 a step, t from 1 to 250, 1e-4 x 0.99 every 1000",
  (task) => {
    const file = `paper-fusion-${task}.json`;
    const recipe = read(file);
    expect(parametersOf(file)).toBeGreaterThan(725_000);
    expect(parametersOf(file)).toBeLessThan(735_000);
    expect(recipe.batch * recipe.accumulate).toBe(128);
    expect(recipe).toMatchObject({ crop: 256, steps: 300_000, loss: 'mse', levelWeight: 'none' });
    expect(recipe.kind === 'fusion' && recipe.timesteps).toEqual({ maximum: 250, law: 'uniform' });
    expect(learningRateAt(1, recipe)).toBe(1e-4);
    expect(learningRateAt(3001, recipe)).toBeCloseTo(1e-4 * 0.99 ** 3, 12);
  },
);

test.each([
  ['sr4-restorer.json', 'sr4/restorer'],
  ['denoiser.json', 'denoiser/denoiser'],
  ['sr4-fusion.json', 'sr4/fusion'],
])('the recipe %s is of the shipped network', (name, weights) => {
  const file = readFileSync(join(folder, '../models', `${weights}.safetensors`));
  const header = JSON.parse(file.toString('utf8', 8, 8 + Number(file.readBigUInt64LE(0))));
  const { network, config } = header.__metadata__;
  const recipe = read(name);
  expect(recipe.network).toBe(network);
  expect(recipe.config).toMatchObject(JSON.parse(config));
});

test.each([
  ['restorer', 'deblur'],
  ['fusion', 'deblur'],
  ['restorer', 'burst'],
  ['fusion', 'burst'],
] as const)('the compact %s recipe for %s is what the command line completes', (kind, task) => {
  const recipe = read(`${task}-${kind}.json`);
  const { seed } = recipe;
  const given = { task, data: 'photos', seed };
  const modules = { restorer: 'restorer.safetensors', denoiser: 'denoiser.safetensors' };
  const entries = completeRecipe(kind, kind === 'fusion' ? { ...given, ...modules } : given);
  expect(parseRecipe(entries)).toEqual(recipe);
});
