import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseMethods } from '../../../src/cli/evaluate/parse-methods.js';
import { parseMetricRequest } from '../../../src/evaluation/metrics/request.js';
import { parseRecipe } from '../../../src/training/recipe.js';
import { moduleFile, recipeFile, trainedModules, trainingCommand } from '../modules.js';
import { methodOf, modulesIn } from '../table.js';
import { tables } from './index.js';

const places = { data: 'data', runs: 'runs' };
const experiments = tables.flatMap((table) =>
  table.kind === 'evaluation'
    ? table.experiments.map((experiment) => [`table ${table.number}`, experiment] as const)
    : [],
);

test('there is every table of the paper once', () => {
  expect(tables.map(({ number }) => number)).toEqual(Array.from({ length: 13 }, (_, at) => at + 1));
});

test.each(experiments)('%s: each row is one method of its name, with known modules', (_, given) => {
  for (const row of given.rows) {
    const methods = parseMethods(methodOf(row, (name) => moduleFile(name, places)));
    expect(methods.map(({ name }) => name)).toEqual([row.name]);
  }
  const names = given.rows.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test.each(experiments)('%s: metrics are known, and comparisons are of its rows', (_, given) => {
  for (const metric of given.metrics) expect(parseMetricRequest(metric).label).toBe(metric);
  const names = given.rows.map(({ name }) => name);
  for (const { row, against, metrics } of given.comparisons) {
    expect(names).toContain(row);
    expect(names).toContain(against);
    expect(row).not.toBe(against);
    for (const metric of metrics) expect(given.metrics).toContain(metric);
  }
});

test('every module that is trained is needed by a table or a later module', () => {
  const rows = experiments.flatMap(([, { rows }]) => rows);
  const used = new Set(rows.flatMap(({ method }) => modulesIn(method)));
  for (const { restorer, denoiser, from } of trainedModules)
    for (const name of [restorer, denoiser, from]) if (name !== undefined) used.add(name);
  for (const { name } of trainedModules) expect(used).toContain(name);
});

test.each(trainedModules)(
  '$name: the recipe is of its kind, and modules come before it',
  async (module) => {
    const recipe = parseRecipe(JSON.parse(await readFile(recipeFile(module.name), 'utf8')));
    expect(recipe.kind).toBe(module.kind);
    expect(recipe.from === undefined).toBe(module.from === undefined);
    const index = trainedModules.indexOf(module);
    const before = trainedModules.slice(0, index).map(({ name }) => name);
    for (const name of [module.restorer, module.denoiser, module.from])
      if (name !== undefined && !moduleFile(name, places).startsWith('models/'))
        expect(before).toContain(name);
  },
);

test('fusion networks that are compared are trained alike', async () => {
  const recipes = await Promise.all(
    ['fusion-aa', 'fusion-ab', 'fusion-ba', 'fusion-bb'].map(async (name) => {
      const { restorer, denoiser, ...rest } = JSON.parse(await readFile(recipeFile(name), 'utf8'));
      return rest;
    }),
  );
  for (const recipe of recipes) expect(recipe).toEqual(recipes[0]);
});

test('a command trains a module between its own', () => {
  const module = trainedModules.find(({ name }) => name === 'fusion-ba')!;
  expect(trainingCommand(module, places, 500)).toBe(
    'dp-ir train fusion -o runs/fusion-ba --recipe bench/paper/recipes/fusion-ba.json --data data/train/photos --steps 500 --restorer runs/restorer-b/weights.safetensors --denoiser models/denoiser/denoiser.safetensors',
  );
});
