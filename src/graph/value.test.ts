import { expect, test } from 'vitest';
import { input } from './leaves.js';
import { add, mul, neg, relu } from './operators/index.js';
import { rewriteGraph, topologicalOrder, type Value } from './value.js';

test('every value comes once, after its inputs', () => {
  const [a, b] = [input('a', [2]), input('b', [2])];
  const sum = add(a, b);
  const square = mul(sum, sum);
  const result = add(square, mul(sum, b));
  const order = topologicalOrder([result, square, a]);
  expect(new Set(order).size).toBe(order.length);
  expect(order).toHaveLength(6);
  for (const [place, value] of order.entries())
    for (const before of value.inputs) expect(order.indexOf(before)).toBeLessThan(place);
});

test('values that no output depends on are left out', () => {
  const a = input('a', [2]);
  const unused = neg(a);
  expect(topologicalOrder([a])).toEqual([a]);
  expect(topologicalOrder([a])).not.toContain(unused);
});

test('the order depends on the graph alone', () => {
  const names = () => {
    const [a, b] = [input('a', [2]), input('b', [2])];
    return topologicalOrder([mul(add(a, b), b), neg(a)]).map((value) => value.operator.name);
  };
  expect(names()).toEqual(names());
});

test('a chain of 100,000 values and as many diamonds do not overflow or repeat', () => {
  let value: Value = input('x', [1]);
  for (let depth = 0; depth < 100_000; depth += 1)
    value = depth % 2 ? add(value, value) : neg(value);
  const order = topologicalOrder([value]);
  expect(order).toHaveLength(100_001);
  expect(order.at(-1)).toBe(value);
});

const [x, y] = [input('x', [2]), input('y', [2])];

test('what depends on a replaced value is made anew, what does not stays the same value', () => {
  const apart = neg(y);
  const outputs = { changed: add(relu(x), apart), kept: apart };
  const rewritten = rewriteGraph(outputs, ({ operator }, now) =>
    operator.name === 'relu' ? now(x) : undefined,
  );
  expect(rewritten.kept).toBe(apart);
  expect(rewritten.changed).toEqual(add(x, apart));
  expect(rewritten.changed.inputs[1]).toBe(apart);
});

test('values that depend on each other see what has become of those before', () => {
  const { z } = rewriteGraph({ z: relu(relu(x)) }, ({ operator, inputs: [inner] }, now) =>
    operator.name === 'relu' ? neg(now(inner!)) : undefined,
  );
  expect(z).toEqual(neg(neg(x)));
});

test('each value is asked for once, and without replacements nothing is made', () => {
  const shared = mul(x, y);
  const outputs = { a: add(shared, shared), b: shared };
  const asked: unknown[] = [];
  const same = rewriteGraph(outputs, (node) => void asked.push(node));
  expect(asked).toEqual([x, y, shared, outputs.a]);
  expect(same.a).toBe(outputs.a);
  expect(same.b).toBe(shared);
});
