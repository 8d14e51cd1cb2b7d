import { expect, test } from 'vitest';
import { ParameterScope } from '../../graph/index.js';
import { partFrozen } from './freeze.js';

const scope = new ParameterScope();
for (const name of ['head.weight', 'head.bias', 'body.0.weight', 'body.10.weight', 'bodyx0.weight'])
  scope.parameter(name, [1]);
const declared = scope.declared();

function held(...patterns: string[]): string[] {
  return [...partFrozen(declared, patterns).held.keys()];
}

test('names and patterns choose what stays, and the order stays as declared', () => {
  expect(held()).toEqual([]);
  expect(held('head.bias')).toEqual(['head.bias']);
  expect(held('body.*', 'head.weight')).toEqual(['head.weight', 'body.0.weight', 'body.10.weight']);
  expect(held('*.weight')).toHaveLength(4);
  expect(held('body.*0.weight')).toEqual(['body.0.weight', 'body.10.weight']);
  expect([...partFrozen(declared, ['*.weight']).trained.keys()]).toEqual(['head.bias']);
});

test('a pattern that fits nothing is named, and so is one that leaves nothing', () => {
  expect(() => held('tail.*')).toThrow(/recipe\.freeze: .*head\.weight.*received "tail\.\*"/);
  expect(() => held('*')).toThrow('some parameters left to train');
});
