import { expect, test } from 'vitest';
import type { Tensor } from '../../../tensor/tensor.js';
import { input, parameter, scalar } from '../../leaves.js';
import {
  add,
  concat,
  conv2d,
  leakyRelu,
  mul,
  pixelShuffle,
  reduceSum,
  relu,
  sigmoid,
  slice,
  sub,
} from '../../operators/index.js';
import { blockHere } from '../../testing/channel-block.js';
import { runModel } from '../../testing/evaluate.js';
import { expectClose, sample } from '../../testing/tensors.js';
import { gradients } from '../../training/differentiate.js';
import { topologicalOrder, type Value } from '../../value.js';
import { lowerToOnnx } from '../lower.js';
import { blockConvolutions } from './block-convolutions.js';

const BLOCK = 16;

function kernels(name: string, filters: number, channels: number, tap = 3): Value {
  return parameter(name, [filters, channels, tap, tap]);
}

/** A dense block: joined features, a scaled residual, rectifiers. */
function denseBlock(x: Value): Value {
  let known = x;
  for (const layer of [1, 2]) {
    const weight = kernels(`grow${layer}`, 16, known.shape[1]!);
    const grown = conv2d(known, weight, parameter(`bias${layer}`, [16]), { padding: 1 });
    known = concat([known, leakyRelu(grown, 0.2)], 1);
  }
  const last = conv2d(known, kernels('last', 32, known.shape[1]!), undefined, { padding: 1 });
  return add(x, mul(last, scalar(0.2)));
}

/** What a U-Net does between: strides, single taps, shuffled pixels, gates, odd channel counts. */
function mixture(x: Value): Value {
  const deep = relu(conv2d(x, kernels('down', 64, 32), parameter('b', [64]), { stride: 2 }));
  const up = pixelShuffle(conv2d(deep, kernels('up', 128, 64, 1), undefined), 2);
  const gate = sigmoid(conv2d(up, kernels('gate', 32, 32), undefined, { padding: 1 }));
  const part = slice(x, 2, 0, up.shape[2]!);
  const gated = sub(mul(gate, slice(part, 3, 0, up.shape[3]!)), up);
  return conv2d(gated, kernels('out', 3, 32), undefined, { padding: 1 });
}

function names(value: Value): string[] {
  return topologicalOrder([value]).map(({ operator }) => operator.name);
}

function count(value: Value, name: string): number {
  return names(value).filter((other) => other === name).length;
}

const x = input('x', [2, 32, 9, 11]);
/** As many columns as blocks have channels, or two blocks. */
const wide = input('x', [2, 32, 9, 32]);

/** Outputs and the gradients of the sum of their squares. */
function withGradients(y: Value): Record<string, Value> {
  const loss = reduceSum(mul(y, y), [0, 1, 2, 3], false);
  const parameters = topologicalOrder([y]).filter(({ operator }) => operator.name === 'parameter');
  const slopes = gradients(loss, parameters);
  const named = parameters.map(
    ({ attributes }, index) => [(attributes as { name: string }).name, slopes[index]!] as const,
  );
  return { y, ...Object.fromEntries(named.map(([name, slope]) => [`gradient:${name}`, slope])) };
}

test.skipIf(blockHere === undefined).each([
  ['a dense block', denseBlock, x],
  ['a dense block of whole blocks of columns', denseBlock, wide],
  ['a mixture', mixture, x],
  ['a mixture of whole blocks of columns', mixture, wide],
])('%s and its gradients change by rounding only', async (_, build, x) => {
  const outputs = withGradients(build(x));
  const feeds: Record<string, Tensor> = { x: sample(x.shape, 1) };
  for (const node of topologicalOrder(Object.values(outputs)))
    if (node.operator.name === 'parameter')
      feeds[(node.attributes as { name: string }).name] = sample(node.shape, 2 + node.shape[0]!);
  const expected = await runModel(lowerToOnnx({ outputs }).bytes, feeds);
  const blocked = await runModel(lowerToOnnx({ outputs, channelBlock: blockHere! }).bytes, feeds);
  expect(Object.keys(blocked)).toEqual(Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    const largest = value.data.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
    expectClose(blocked[name]!, value, 1e-5 * largest);
  }
});

test('a dense block neither joins features nor adds in passes of their own', () => {
  const { y } = blockConvolutions({ y: denseBlock(x) }, BLOCK, new Map());
  const after = names(y!);
  for (const name of ['conv2d', 'concat', 'leakyRelu']) expect(after).not.toContain(name);
  expect(count(y!, 'add')).toBe(0);
  // One per layer and source.
  expect(count(y!, 'blockedConv2d')).toBe(1 + 2 + 3);
  expect(count(y!, 'blockChannels')).toBe(1);
  expect(count(y!, 'unblockChannels')).toBe(1);
});

test('parts of a result are convolutions with some of the filters', () => {
  const both = conv2d(x, kernels('w', 64, 32), undefined, { padding: 1 });
  const outputs = { a: slice(both, 1, 0, 16), b: slice(both, 1, 16, 64) };
  const { a, b } = blockConvolutions(outputs, BLOCK, new Map());
  const sizes = topologicalOrder([a!, b!])
    .filter(({ operator }) => operator.name === 'blockedConv2d')
    .map(({ shape }) => shape[1]);
  expect(sizes).toEqual([16, 48]);
});

test('a sum that something else reads is written once', () => {
  const sum = conv2d(x, kernels('w', 32, 32), undefined, { padding: 1 });
  const { y } = blockConvolutions({ y: add(relu(sum), sum) }, BLOCK, new Map());
  expect(count(y!, 'blockedConv2d')).toBe(1);
  expect(count(y!, 'relu')).toBe(1);
});

test.each<[string, Value, ReadonlyMap<string, Tensor>]>([
  [
    'known kernels',
    conv2d(x, kernels('w', 32, 32), undefined),
    new Map([['w', sample([32, 32, 3, 3], 1)]]),
  ],
  ['too few channels', conv2d(x, kernels('w', 12, 32), undefined), new Map()],
  ['groups', conv2d(x, kernels('w', 32, 16), undefined, { groups: 2 }), new Map()],
  ['single taps alone', conv2d(x, kernels('w', 32, 32, 1), undefined), new Map()],
])('%s are left to the runtime', (_, y, weights) => {
  expect(blockConvolutions({ y }, BLOCK, weights).y).toBe(y);
});

test('a graph for any processor has no operators of the runtime', () => {
  const plain = lowerToOnnx({ outputs: { y: denseBlock(x) } }).bytes;
  const blocked = lowerToOnnx({ outputs: { y: denseBlock(x) }, channelBlock: BLOCK }).bytes;
  const mentions = (bytes: Uint8Array) => Buffer.from(bytes).includes('com.microsoft');
  expect([mentions(plain), mentions(blocked)]).toEqual([false, true]);
});
