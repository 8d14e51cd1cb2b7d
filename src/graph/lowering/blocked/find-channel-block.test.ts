import { expect, test } from 'vitest';
import { type Tensor, tensor } from '../../../tensor/tensor.js';
import { runModel } from '../../testing/evaluate.js';
import { findChannelBlock, type RunModel } from './find-channel-block.js';

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
