import { expect, test } from 'vitest';
import { madeUpParameter, nameHash, uniform } from './network-case.js';

test('the hash and the first numbers of conv_first.weight', () => {
  const hash = nameHash('conv_first.weight');
  expect(hash).toBe(0x91944908);
  const expected = [-0.7796201706, 0.2275432348, -0.642382741, -0.2338007689];
  expected.forEach((value, index) => {
    expect(uniform(hash, index)).toBeCloseTo(value, 9);
  });
});

test('a convolution is scaled by its fan-in', () => {
  const { shape, data } = madeUpParameter('conv_first.weight', [8, 3, 3, 3]);
  expect(shape).toEqual([8, 3, 3, 3]);
  expect(data[0]).toBeCloseTo(-0.1500379741, 8);
  expect(data[3]).toBeCloseTo(-0.2338007689 * Math.sqrt(1 / 27), 8);
});

test('a one-dimensional weight lies around 1', () => {
  const { data } = madeUpParameter('norm.weight', [4]);
  const expected = [0.9034984112, 1.0641149282, 0.9302291274, 0.9002988935];
  expected.forEach((value, index) => {
    expect(data[index]).toBeCloseTo(value, 7);
  });
});

test('statistics, biases and scalars have their own ranges', () => {
  const at = (name: string) => uniform(nameHash(name), 0);
  const first = (name: string, shape: number[]) => madeUpParameter(name, shape).data[0];
  expect(first('bn.running_var', [3])).toBeCloseTo(1 + 0.1 * at('bn.running_var'), 7);
  expect(first('bn.running_mean', [3])).toBeCloseTo(0.1 * at('bn.running_mean'), 7);
  expect(first('conv.bias', [3])).toBeCloseTo(0.1 * at('conv.bias'), 7);
  expect(first('weight', [])).toBeCloseTo(0.1 * at('weight'), 7);
  expect(first('temperature', [4, 1, 1])).toBeCloseTo(at('temperature'), 7);
});

test('names are hashed as UTF-8', () => {
  expect(nameHash('é')).toBe(
    Math.imul(Math.imul(0x811c9dc5 ^ 0xc3, 0x01000193) ^ 0xa9, 0x01000193) >>> 0,
  );
});
