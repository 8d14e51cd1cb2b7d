import { expect, test } from 'vitest';
import { ParameterError } from '../../src/utils/errors.js';
import { trainedModules } from './modules.js';
import { parseOptions } from './options.js';

const environment = { DATA: '/data' };

test('tables by number, all of them, the list, and training', () => {
  expect(parseOptions(['6', '13', '6'], environment).tables).toEqual([6, 13]);
  expect(parseOptions(['all'], environment).tables).toHaveLength(13);
  expect(parseOptions(['list'], environment).task).toBe('list');
  const train = parseOptions(['train', 'fusion-ab', '--steps', '5'], environment);
  expect(train).toMatchObject({ task: 'train', modules: ['fusion-ab'], steps: 5 });
  expect(parseOptions(['train'], environment).modules).toHaveLength(trainedModules.length);
});

test('folders come from options, then from the environment', () => {
  expect(parseOptions(['list'], environment).places).toEqual({ data: '/data', runs: 'runs/paper' });
  const words = ['list', '--data', 'd', '--runs', 'r'];
  expect(parseOptions(words, environment).places).toEqual({ data: 'd', runs: 'r' });
});

test('results of others are rows of their table', () => {
  const { outputs } = parseOptions(['3', '--outputs', '3:Net=some/where'], environment);
  expect(outputs.get(3)).toEqual([{ name: 'Net', method: 'outputs:Net=some/where' }]);
});

test.each([
  [['14']],
  [[]],
  [['six']],
  [['train', 'fusion-zz']],
  [['6', '--steps', '0']],
  [['6', '--outputs', 'Net=x']],
])('%j is refused', (words) => {
  expect(() => parseOptions(words, environment)).toThrow(ParameterError);
});

test('photographs must be somewhere', () => {
  expect(() => parseOptions(['6'], {})).toThrow('--data');
});
