import { expect, test } from 'vitest';
import { emptyShared, inSharedMemory, isShared } from './shared-memory.js';
import { tensor, typedTensor } from './tensor.js';

test('a copy in shared memory has the same entries and a life of its own', () => {
  const value = tensor([2, 2], [1, -2, 0.5, 4]);
  const shared = inSharedMemory(value);
  expect(shared).toEqual(value);
  expect(shared.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  shared.data[0] = 9;
  expect(value.data[0]).toBe(1);
  expect(inSharedMemory(shared)).toBe(shared);
});

test('any data type can be shared', () => {
  const value = typedTensor('int64', [2], BigInt64Array.of(-1n, 2n ** 40n));
  expect(inSharedMemory(value).data).toEqual(value.data);
});

test('zeros are made in shared memory at once', () => {
  const made = emptyShared('uint8', [2, 3]);
  expect(made).toEqual(typedTensor('uint8', [2, 3], new Uint8Array(6)));
  expect(isShared(made)).toBe(true);
  expect(isShared(tensor([1]))).toBe(false);
});
