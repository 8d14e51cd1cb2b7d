import { expect, test } from 'vitest';
import { cost, layerCosts } from './cost.js';
import { input, parameter } from './leaves.js';
import { add, conv2d, matmul, mul, relu, reshape, transpose } from './operators/index.js';

const x = input('x', [1, 2, 5, 5]);
const weight = parameter('w', [2, 2, 3, 3]);
const bias = parameter('b', [2]);

test('a shared parameter counts once, its work each time', () => {
  const once = conv2d(x, weight, bias, { padding: 1 });
  const twice = conv2d(relu(once), weight, bias, { padding: 1 });
  expect(cost([once])).toEqual({ parameters: 38, macs: 25 * 36 });
  expect(cost([twice])).toEqual({ parameters: 38, macs: 2 * 25 * 36 });
});

test('a value that several outputs share is computed once', () => {
  const y = conv2d(x, weight, undefined, { padding: 1 });
  expect(cost([add(y, y), y]).macs).toBe(25 * 36);
});

test('inputs, constants and elementwise work cost nothing', () => {
  expect(cost([mul(x, x)])).toEqual({ parameters: 0, macs: 0 });
});

const bodyWeight = parameter('body.0.weight', [2, 2, 3, 3]);
const bodyBias = parameter('body.0.bias', [2]);

test('operators come in order with the path, the work and the parameters of each', () => {
  const y = relu(conv2d(x, bodyWeight, bodyBias, { padding: 1 }));
  expect(layerCosts([y])).toEqual([
    { operator: 'conv2d', path: 'body.0', shape: [1, 2, 5, 5], macs: 25 * 36, parameters: 38 },
    { operator: 'relu', path: '', shape: [1, 2, 5, 5], macs: 0, parameters: 0 },
  ]);
});

test('a shared parameter counts with its first reader', () => {
  const once = conv2d(x, bodyWeight, bodyBias, { padding: 1 });
  const layers = layerCosts([conv2d(relu(once), bodyWeight, bodyBias, { padding: 1 })]);
  expect(layers.map(({ parameters }) => parameters)).toEqual([38, 0, 0]);
  expect(layers.map(({ path }) => path)).toEqual(['body.0', '', 'body.0']);
});

test('arranging a parameter counts with the operator that reads it', () => {
  const kernel = parameter('head.weight', [3, 50]);
  const y = matmul(reshape(x, [1, 50]), transpose(kernel, [1, 0]));
  const layers = layerCosts([y]);
  expect(layers).toContainEqual({
    ...{ operator: 'matmul', path: 'head', shape: [1, 3], macs: 150, parameters: 150 },
  });
  expect(layers.map(({ operator }) => operator)).not.toContain('transpose');
  const sum = (key: 'macs' | 'parameters') => layers.reduce((all, layer) => all + layer[key], 0);
  expect({ macs: sum('macs'), parameters: sum('parameters') }).toEqual(cost([y]));
});
