import { expect, test } from 'vitest';
import { ModelError } from '../tensor/errors.js';
import { ParameterScope } from './parameter-scope.js';

test('children prefix their names with a dot', () => {
  const scope = new ParameterScope();
  const weight = scope.child('layers.0').child('norm').parameter('weight', [4]);
  expect(weight.attributes.name).toBe('layers.0.norm.weight');
});

test('a name asked for twice, from any scope, is one value', () => {
  const scope = new ParameterScope();
  const first = scope.child('a').parameter('w', [2, 3], { kind: 'ones' });
  expect(scope.child('a').parameter('w', [2, 3])).toBe(first);
  expect(scope.parameter('a.w', [2, 3])).toBe(first);
  expect(scope.declared().size).toBe(1);
});

test('declarations are listed by full name in order', () => {
  const scope = new ParameterScope();
  const child = scope.child('b');
  child.parameter('w', [1]);
  scope.parameter('a', [2]);
  expect([...child.declared().keys()]).toEqual(['b.w', 'a']);
});

test('another shape under a known name is refused by name', () => {
  const scope = new ParameterScope();
  scope.parameter('w', [2, 3]);
  expect(() => scope.parameter('w', [3, 2])).toThrow(ModelError);
  expect(() => scope.parameter('w', [3, 2])).toThrow(/^w: .*\[2,3\].*\[3,2\]/);
});
