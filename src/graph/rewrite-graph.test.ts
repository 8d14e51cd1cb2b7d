import { expect, test } from 'vitest';
import { input } from './leaves.js';
import { add, mul, neg, relu } from './operators/index.js';
import { rewriteGraph } from './rewrite-graph.js';

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
