import { expect, test } from 'vitest';
import { ParameterScope } from '../graph/index.js';
import { initialWeights, partFrozen } from './initial-weights.js';

function declared() {
  const scope = new ParameterScope();
  scope.parameter('zeros', [4], { kind: 'zeros' });
  scope.parameter('ones', [4], { kind: 'ones' });
  scope.parameter('constant', [2, 2], { kind: 'constant', value: 0.25 });
  scope.parameter('uniform', [40, 50], { kind: 'uniform', bound: 0.5 });
  scope.parameter('normal', [40, 50], { kind: 'normal', deviation: 0.02 });
  scope.parameter('second', [40, 50], { kind: 'normal', deviation: 0.02 });
  return scope.declared();
}

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square) };
}

test('each parameter starts as it is declared', () => {
  const weights = initialWeights(declared(), 1);
  expect([...weights.get('zeros')!.data]).toEqual([0, 0, 0, 0]);
  expect([...weights.get('ones')!.data]).toEqual([1, 1, 1, 1]);
  expect([...weights.get('constant')!.data]).toEqual([0.25, 0.25, 0.25, 0.25]);
  const uniform = weights.get('uniform')!;
  expect(uniform.shape).toEqual([40, 50]);
  expect(Math.max(...uniform.data.map(Math.abs))).toBeLessThanOrEqual(0.5);
  expect(moments(uniform.data).mean).toBeCloseTo(0, 1);
  expect(moments(uniform.data).deviation).toBeCloseTo(0.5 / Math.sqrt(3), 1);
  const normal = moments(weights.get('normal')!.data);
  expect(Math.abs(normal.mean)).toBeLessThan(0.002);
  expect(normal.deviation).toBeCloseTo(0.02, 2);
});

test('weights follow from the seed, and no two parameters are alike', () => {
  const weights = initialWeights(declared(), 1);
  expect(initialWeights(declared(), 1)).toEqual(weights);
  expect(initialWeights(declared(), 2).get('normal')).not.toEqual(weights.get('normal'));
  expect(weights.get('second')).not.toEqual(weights.get('normal'));
});

const scope = new ParameterScope();
for (const name of ['head.weight', 'head.bias', 'body.0.weight', 'body.10.weight', 'bodyx0.weight'])
  scope.parameter(name, [1]);
const parameters = scope.declared();

function held(...patterns: string[]): string[] {
  return [...partFrozen(parameters, patterns).held.keys()];
}

test('names and patterns choose what stays, and the order stays as declared', () => {
  expect(held()).toEqual([]);
  expect(held('head.bias')).toEqual(['head.bias']);
  expect(held('body.*', 'head.weight')).toEqual(['head.weight', 'body.0.weight', 'body.10.weight']);
  expect(held('*.weight')).toHaveLength(4);
  expect(held('body.*0.weight')).toEqual(['body.0.weight', 'body.10.weight']);
  expect([...partFrozen(parameters, ['*.weight']).trained.keys()]).toEqual(['head.bias']);
});

test('a pattern that fits nothing is named, and so is one that leaves nothing', () => {
  expect(() => held('tail.*')).toThrow(/recipe\.freeze: .*head\.weight.*received "tail\.\*"/);
  expect(() => held('*')).toThrow('some parameters left to train');
});
