import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseMethods } from '../../../src/cli/commands/evaluate-methods.js';
import { parseMetricRequest } from '../../../src/metrics/request.js';
import { parseRecipe } from '../../../src/training/recipe.js';
import { datasetSubset } from '../datasets.js';
import { moduleFile, recipeFile, trainedModules, trainingCommand } from '../modules.js';
import { isLong, partsOf } from '../parts.js';
import { methodOf, modulesIn, type PaperTable, type Row } from '../table.js';
import { tables } from './index.js';
import { table06 } from './table-06.js';
import { table08 } from './table-08.js';
import { table10 } from './table-10.js';

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

test.each(experiments)('%s: long chains have photographs of their own', (_, given) => {
  if (given.rows.some(isLong))
    for (const name of given.datasets) expect(datasetSubset(name)).toBeDefined();
  const compared = given.datasets.flatMap((name) =>
    partsOf(given, name).flatMap(({ comparisons }) => comparisons),
  );
  for (const comparison of given.comparisons)
    expect(compared.filter((own) => own === comparison)).toHaveLength(given.datasets.length);
});

const settings = ({ method }: Row): Record<string, string> =>
  Object.fromEntries(
    method
      .split('@')
      .slice(1)
      .map((part) => part.split('=') as [string, string]),
  );

function rowsOf(table: PaperTable, experiment: number): Map<string, Row> {
  if (table.kind === 'count') throw new Error('expected rows');
  return new Map(table.experiments[experiment]!.rows.map((row) => [row.name, row]));
}

test('table 6 compares chains that differ in tau alone, up to 250', () => {
  const chains = [...rowsOf(table06, 0).values()].filter(({ method }) => method.includes('@tau='));
  const others = chains.map((row) => ({ ...settings(row), tau: '' }));
  for (const other of others) expect(other).toEqual(others[0]);
  expect(Math.max(...chains.map((row) => Number(settings(row).tau)))).toBe(250);
});

test('table 8 compares starts that differ in nothing else, and chains of equal steps below tau', () => {
  const rows = rowsOf(table08, 0);
  for (const { row, against } of table08.experiments[0]!.comparisons) {
    const [one, other] = [settings(rows.get(row)!), settings(rows.get(against)!)];
    if (other.start === 'noised') {
      expect({ ...one, start: 'noised' }).toEqual(other);
      continue;
    }
    expect({ ...one, tau: '', steps: '' }).toEqual({
      ...other,
      tau: '',
      steps: '',
      start: undefined,
    });
    expect(Number(one.tau) / Number(one.steps)).toBe(1000 / Number(other.steps));
  }
});

test('table 10 compares chains of equal noise', () => {
  const rows = rowsOf(table10, 0);
  for (const { row, against } of table10.experiments[0]!.comparisons) {
    const [one, other] = [settings(rows.get(row)!), settings(rows.get(against)!)];
    expect([one.tau, one.variance, other.variance]).toEqual([other.tau, 'small', 'small']);
    expect([one.sampler, other.sampler]).toEqual(['ddim', 'ancestral']);
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
    ['fusion-aa', 'fusion-ab', 'fusion-ba', 'fusion-bb', 'fusion-plain'].map(async (name) => {
      const { restorer, denoiser, config, ...rest } = JSON.parse(
        await readFile(recipeFile(name), 'utf8'),
      );
      expect(config.residual).toBe(name !== 'fusion-plain');
      return { ...rest, config: { ...config, residual: undefined } };
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
