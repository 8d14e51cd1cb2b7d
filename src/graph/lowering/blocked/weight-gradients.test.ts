import { expect, test } from 'vitest';
import { input, parameter } from '../../leaves.js';
import type { ConvolutionOptions } from '../../operators/convolutions.js';
import { add, concat, conv2d, mul, reduceSum } from '../../operators/index.js';
import { blockHere } from '../../testing/channel-block.js';
import { runModel } from '../../testing/evaluate.js';
import { expectClose, sample } from '../../testing/tensors.js';
import { gradients } from '../../training/differentiate.js';
import { topologicalOrder, type Value } from '../../value.js';
import { lowerToOnnx } from '../lower.js';
import { blockConvolutions } from './block-convolutions.js';

const BLOCK = 16;

interface Case extends ConvolutionOptions {
  /** Channels of the parts that the image is joined of. */
  readonly parts: readonly number[];
  readonly size: readonly [batch: number, height: number, width: number];
  readonly kernel: readonly [filters: number, rows: number, columns: number];
  /** How many convolutions with these kernels are added. */
  readonly uses?: number;
  /** By how many columns and rows each of them is of a larger image than the one before. */
  readonly growth?: number;
}

const cases: Record<string, Case> = {
  '3x3': { parts: [32], size: [1, 9, 16], kernel: [32, 3, 3], padding: 1 },
  'several samples, two blocks of columns': {
    parts: [64],
    size: [3, 7, 32],
    kernel: [48, 3, 3],
    padding: 1,
  },
  'one row': { parts: [32], size: [2, 1, 16], kernel: [16, 3, 3], padding: 1 },
  'no padding': { parts: [32], size: [1, 6, 16], kernel: [16, 3, 2] },
  'padding on some sides': {
    parts: [32],
    size: [1, 6, 16],
    kernel: [16, 2, 3],
    padding: [0, 2, 1, 0],
  },
  'padding beyond the kernel': { parts: [32], size: [1, 5, 16], kernel: [16, 3, 3], padding: 4 },
  '5x5': { parts: [32], size: [1, 9, 16], kernel: [16, 5, 5], padding: 2 },
  'joined channels': { parts: [32, 64, 32], size: [2, 5, 16], kernel: [32, 3, 3], padding: 1 },
  'joined channels, few of them': {
    parts: [16, 32],
    size: [2, 5, 16],
    kernel: [32, 3, 3],
    padding: 1,
  },
  'kernels used several times': {
    parts: [32, 32],
    size: [1, 6, 16],
    kernel: [32, 3, 3],
    padding: 1,
    uses: 3,
  },
  'kernels used at several sizes': {
    parts: [32, 32],
    size: [2, 6, 16],
    kernel: [32, 3, 3],
    padding: 1,
    uses: 2,
    growth: 16,
  },
};

/** The gradients of kernels and bias of a sum over convolutions, each result weighted. */
function slopesOf({ parts, size, kernel, uses = 1, growth = 0, ...options }: Case) {
  const [batch, height, width] = size;
  const channels = parts.reduce((sum, part) => sum + part);
  const [filters, ...taps] = kernel;
  const weight = parameter('weight', [filters, channels, ...taps]);
  const bias = parameter('bias', [filters]);
  const losses = Array.from({ length: uses }, (_, use) => {
    const image = concat(
      parts.map((part, place) =>
        input(`image${use}.${place}`, [
          ...[batch, part],
          ...[height + use * growth, width + use * growth],
        ]),
      ),
      1,
    );
    const y = conv2d(image, weight, bias, options);
    return reduceSum(mul(y, input(`upstream${use}`, y.shape)), [0, 1, 2, 3], false);
  });
  const [ofWeight, ofBias] = gradients(losses.reduce(add), [weight, bias]);
  return { ofWeight: ofWeight!, ofBias: ofBias! };
}

function names(value: Value): string[] {
  return topologicalOrder([value]).map(({ operator }) => operator.name);
}

test.skipIf(blockHere === undefined).each(Object.entries(cases))(
  '%s: the gradients are those of matrix products',
  async (_, options) => {
    const outputs = slopesOf(options);
    const leaves = topologicalOrder(Object.values(outputs)).filter(({ operator }) =>
      ['input', 'parameter'].includes(operator.name),
    );
    const feeds = Object.fromEntries(
      leaves.map(({ attributes, shape }, seed) => [
        (attributes as { readonly name: string }).name,
        sample(shape, seed + 1),
      ]),
    );
    const expected = await runModel(lowerToOnnx({ outputs }).bytes, feeds);
    const blocked = await runModel(lowerToOnnx({ outputs, channelBlock: blockHere! }).bytes, feeds);
    for (const name of ['ofWeight', 'ofBias']) expectClose(blocked[name]!, expected[name]!, 1e-5);
  },
);

test.each(Object.entries(cases))('%s: nothing is multiplied as matrices', (_, options) => {
  const { ofWeight } = blockConvolutions(slopesOf(options), BLOCK, new Map());
  const operators = names(ofWeight);
  expect(operators).toContain('blockedConv2d');
  expect(operators).not.toContain('matmul');
});

test.each(['kernels used several times', 'kernels used at several sizes'])(
  '%s get one gradient, without additions',
  (name) => {
    const { ofWeight } = blockConvolutions(slopesOf(cases[name]!), BLOCK, new Map());
    expect(names(ofWeight)).not.toContain('add');
  },
);

test.each<[string, Partial<Case>]>([
  ['skipped rows', { stride: 2 }],
  ['spread taps', { dilation: 2 }],
  ['single taps', { kernel: [32, 1, 1], padding: 0 }],
  ['a part of a block of columns', { size: [1, 9, 24] }],
  ['a part of a block of filters', { kernel: [24, 3, 3] }],
  ['few channels', { parts: [16] }],
  ['kernels wider than the image', { kernel: [32, 3, 17], padding: 8 }],
])('%s are left to matrix products', (_, change) => {
  const options = { ...cases['3x3']!, ...change };
  const { ofWeight } = blockConvolutions(slopesOf(options), BLOCK, new Map());
  expect(names(ofWeight)).toContain('matmul');
});
