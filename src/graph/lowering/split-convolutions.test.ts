import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { input, parameter, scalar } from '../leaves.js';
import { concat, conv2d, leakyRelu, mul, neg } from '../operators/index.js';
import { evaluate } from '../testing/evaluate.js';
import { expectClose, sample } from '../testing/tensors.js';
import { topologicalOrder, type Value } from '../value.js';
import { splitConvolutions } from './split-convolutions.js';

const a = input('a', [1, 16, 5, 6]);
const b = input('b', [1, 32, 5, 6]);
const feeds = { a: sample(a.shape, 1), b: sample(b.shape, 2) };
const first = sample([16, 48, 3, 3], 3);
const second = sample([4, 64, 3, 3], 4);
const weights = new Map([
  ['first', first],
  ['bias', sample([16], 5)],
  ['second', second],
  ['grouped', sample([16, 24, 3, 3], 6)],
]);

function convolve(x: Value, name: string, filters: number, bias?: Value): Value {
  const kernels = parameter(name, [filters, x.shape[1]!, 3, 3]);
  return conv2d(x, kernels, bias, { padding: 1 });
}

function operators(value: Value): string[] {
  return topologicalOrder([value]).map(({ operator }) => operator.name);
}

function split(y: Value, known = weights): Value {
  return splitConvolutions({ y }, known).y;
}

/** Two layers of a dense block, the second one scaled and added to its input's first part. */
function denseLayers(): Value {
  const joined = concat([a, b], 1);
  const grown = leakyRelu(convolve(joined, 'first', 16, parameter('bias', [16])), 0.2);
  return mul(scalar(0.2), convolve(concat([joined, grown], 1), 'second', 4));
}

/** The value with weights that are inputs, so that nothing is rewritten. */
async function asItIs(y: Value, names: readonly string[]) {
  const given = Object.fromEntries(names.map((name) => [name, weights.get(name)!]));
  return (await evaluate({ y }, { ...feeds, ...given })).y!;
}

test('convolutions over joined features become sums, equal but for rounding', async () => {
  const y = denseLayers();
  const after = operators(split(y));
  expect(after).not.toContain('concat');
  expect(after.filter((name) => name === 'conv2d')).toHaveLength(5);
  const expected = await asItIs(y, ['first', 'bias', 'second']);
  expectClose((await evaluate({ y }, feeds, weights)).y!, expected);
});

test('kernels that are inputs of the graph leave it as it is', () => {
  const y = denseLayers();
  expect(split(y, new Map())).toBe(y);
});

test('joined features that serve something else stay joined', () => {
  const joined = concat([a, b], 1);
  const y = convolve(joined, 'first', 16);
  const outputs = splitConvolutions({ y, negative: neg(joined) }, weights);
  expect(outputs.y).toBe(y);
  expect(splitConvolutions({ y, joined }, weights).y).toBe(y);
});

test.each<[string, () => Value]>([
  ['part of a block of channels', () => concat([a, input('c', [1, 8, 5, 6])], 1)],
  ['rows', () => concat([input('c', [1, 16, 2, 6]), a], 2)],
])('joins of %s stay', (_what, join) => {
  const joined = join();
  const y = conv2d(joined, parameter('w', [2, joined.shape[1]!, 1, 1]), undefined);
  expect(split(y, new Map([['w', tensor([2, joined.shape[1]!, 1, 1])]]))).toBe(y);
});

test('grouped convolutions stay', () => {
  const y = conv2d(concat([a, b], 1), parameter('grouped', [16, 24, 3, 3]), undefined, {
    groups: 2,
  });
  expect(split(y)).toBe(y);
});

test('a sum times something that is no constant keeps its product', async () => {
  const y = convolve(concat([a, b], 1), 'first', 16, parameter('bias', [16]));
  const product = mul(y, a);
  expect(operators(split(product)).filter((name) => name === 'mul')).toHaveLength(1);
  const expected = await asItIs(product, ['first', 'bias']);
  expectClose((await evaluate({ y: product }, feeds, weights)).y!, expected);
});
