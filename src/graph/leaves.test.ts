import { expect, test } from 'vitest';
import { tensor, typedTensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import {
  constant,
  input,
  isConstant,
  isInput,
  isParameter,
  ParameterScope,
  parameter,
  scalar,
} from './leaves.js';
import { evaluate } from './testing/evaluate.js';

test('each kind of leaf is told apart', () => {
  const leaves = [input('x', [1]), parameter('w', [1]), scalar(1)];
  expect(leaves.map(isInput)).toEqual([true, false, false]);
  expect(leaves.map(isParameter)).toEqual([false, true, false]);
  expect(leaves.map(isConstant)).toEqual([false, false, true]);
});

test('parameters start at zero unless told otherwise', () => {
  expect(parameter('w', [2]).attributes.initial).toEqual({ kind: 'zeros' });
  const initial = { kind: 'normal', deviation: 0.1 } as const;
  expect(parameter('w', [2], initial).attributes.initial).toBe(initial);
});

test.each([[[0]], [[2, -1]], [[1.5]], [[2 ** 16, 2 ** 16]]])('refuses the shape %s', (shape) => {
  expect(() => input('image', shape)).toThrow(ParameterError);
  expect(() => parameter('image', shape)).toThrow(withSubject('image'));
});

test('constants keep their values, -0 apart from 0 and whole numbers apart from reals', async () => {
  const values = {
    zero: tensor([1], [0]),
    minus: tensor([1], [-0]),
    tiny: tensor([1], [1e-45]),
    whole: typedTensor('int64', [1], BigInt64Array.of(2n ** 62n)),
    truth: typedTensor('bool', [2], Uint8Array.of(1, 0)),
    row: tensor([1, 2], [1, 2]),
    column: tensor([2, 1], [1, 2]),
    long: tensor(
      [40],
      Float32Array.from({ length: 40 }, (_, place) => place / 3),
    ),
  };
  const outputs = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, constant(value)]),
  );
  expect(await evaluate(outputs)).toEqual(values);
});

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
