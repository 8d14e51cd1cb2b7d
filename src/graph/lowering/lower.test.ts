import { expect, test } from 'vitest';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ModelError, ParameterError } from '../../utils/errors.js';
import { constant, input, parameter, scalar } from '../leaves.js';
import { add, gather, matmul, mul, neg } from '../operators/index.js';
import { evaluate, runModel } from '../testing/evaluate.js';
import { expectClose } from '../testing/tensors.js';
import type { Value } from '../value.js';
import { findChannelBlock, lowerToOnnx, type RunModel } from './lower.js';

const x = input('x', [2, 2]);
const weight = parameter('layer.weight', [2, 2]);
const bias = parameter('layer.bias', [2]);
const y = add(matmul(x, weight), bias);
const weights = new Map([
  ['layer.weight', tensor([2, 2], [1, 2, 3, 4])],
  ['unused', tensor([1], [0])],
]);
const image = tensor([2, 2], [1, 0, 0, 1]);

test('parameters with weights become constants, the others and all inputs become inputs', async () => {
  const model = lowerToOnnx({ outputs: { y }, weights });
  expect(model.inputs).toEqual(['x', 'layer.bias']);
  expect(model.outputs).toEqual(['y']);
  const feeds = { x: image, 'layer.bias': tensor([2], [10, 20]) };
  const result = await evaluate({ y }, feeds, weights);
  expectClose(result.y!, tensor([2, 2], [11, 22, 13, 24]));
});

test('without weights every parameter is an input', () => {
  expect([...lowerToOnnx({ outputs: { y } }).inputs].sort()).toEqual([
    'layer.bias',
    'layer.weight',
    'x',
  ]);
});

test('weights of another shape are refused by name', () => {
  const wrong = new Map([['layer.weight', tensor([4], [1, 2, 3, 4])]]);
  expect(() => lowerToOnnx({ outputs: { y }, weights: wrong })).toThrow(ModelError);
  expect(() => lowerToOnnx({ outputs: { y }, weights: wrong })).toThrow(/^layer\.weight/);
});

test.each([
  ['two inputs', add(x, input('x', [2, 2])), undefined],
  ['an input and a parameter', add(input('w', [2]), parameter('w', [2])), undefined],
  ['two fixed parameters', add(parameter('w', [2]), parameter('w', [2])), [1, 2]],
  ['an input and a fixed parameter', add(input('w', [2]), parameter('w', [2])), [1, 2]],
])('one name for %s is refused', (_what, value, data) => {
  const known = data === undefined ? new Map() : new Map([['w', tensor([2], data)]]);
  expect(() => lowerToOnnx({ outputs: { y: value }, weights: known })).toThrow(ModelError);
});

test('an output named like an input or parameter is refused', () => {
  expect(() => lowerToOnnx({ outputs: { x: neg(x) } })).toThrow(ModelError);
  expect(() => lowerToOnnx({ outputs: { 'layer.weight': y }, weights })).toThrow(ModelError);
});

test('names that look like the names of intermediate values do not collide', async () => {
  const [a, b] = [input('v0', [1]), input('c0', [1])];
  const feeds = { v0: tensor([1], [2]), c0: tensor([1], [5]) };
  const { v1, c1 } = await evaluate({ v1: add(mul(a, scalar(3)), b), c1: neg(a) }, feeds);
  expect([v1!.data[0], c1!.data[0]]).toEqual([11, -2]);
});

test('an output may be an input, a parameter, a constant, or one value twice', async () => {
  const outputs = {
    image: x,
    bias,
    fixed: weight,
    one: constant(tensor([], [1])),
    first: y,
    second: y,
  };
  const row = tensor([2], [10, 20]);
  const result = await evaluate(outputs, { x: image, 'layer.bias': row }, weights);
  expectClose(result.image!, image);
  expectClose(result.bias!, row);
  expectClose(result.fixed!, weights.get('layer.weight')!);
  expectClose(result.one!, tensor([], [1]));
  expectClose(result.first!, result.second!);
});

test('the same graph gives the same bytes', () => {
  expect(lowerToOnnx({ outputs: { y }, weights }).bytes).toEqual(
    lowerToOnnx({ outputs: { y }, weights }).bytes,
  );
});

test('indices that several operators share are stored once', async () => {
  const places = Array.from({ length: 1000 }, (_, place) => place % 2);
  const first = gather(x, 0, places);
  const size = (...outputs: Value[]): number =>
    lowerToOnnx({ outputs: Object.fromEntries(outputs.map((value, n) => [`y${n}`, value])) }).bytes
      .length;
  const shared = gather(neg(x), 0, places);
  expect(size(first, shared) - size(first)).toBeLessThan(1000);
  expect(size(first, gather(neg(x), 0, [...places])) - size(first)).toBeGreaterThan(8000);
  const { y0, y1 } = await evaluate({ y0: first, y1: shared }, { x: image });
  expectClose(
    tensor(
      y1!.shape,
      y1!.data.map((value) => -value),
    ),
    y0!,
  );
});

test('no outputs are refused', () => {
  expect(() => lowerToOnnx({ outputs: {} })).toThrow(ParameterError);
});

/** A runtime that keeps `block` channels together. */
function runtime(block: number): RunModel {
  return async (_bytes, { x }) => {
    const [, channels, , width] = x!.shape as [number, number, number, number];
    const data = Float32Array.from({ length: channels * width }, (_, place) => {
      const outer = Math.floor(place / (block * width));
      const pixel = Math.floor(place / block) % width;
      return x!.data[(outer * block + (place % block)) * width + pixel]!;
    });
    return { y: tensor(x!.shape, data) };
  };
}

test.each([4, 8, 16, 32])('a block of %i channels is found', async (block) => {
  expect(await findChannelBlock(runtime(block))).toBe(block);
});

test('a runtime that leaves the order as it is has no blocks', async () => {
  expect(await findChannelBlock(async (_bytes, { x }) => ({ y: x as Tensor }))).toBeUndefined();
});

test('a runtime with an order of its own is not trusted', async () => {
  const turned: RunModel = async (bytes, feeds) => {
    const { y } = await runtime(8)(bytes, feeds);
    y!.data.subarray(16).reverse();
    return { y: y! };
  };
  expect(await findChannelBlock(turned)).toBeUndefined();
});

test('a runtime that refuses the operator has no blocks', async () => {
  const refusing: RunModel = () => Promise.reject(new Error('no such operator'));
  expect(await findChannelBlock(refusing)).toBeUndefined();
});

test('on this machine the answer is a power of two, or none', async () => {
  expect([undefined, 8, 16]).toContain(await findChannelBlock(runModel));
});
