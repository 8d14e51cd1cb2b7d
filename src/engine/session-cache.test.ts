import { expect, test } from 'vitest';
import { SessionCache } from './session-cache.js';

function cacheOf(entries: number, bytes: number) {
  const released: string[] = [];
  const cache = new SessionCache(entries, bytes);
  const add = async (key: string, size: number) => {
    await cache.makeRoom(size);
    cache.add(key, { bytes: size, release: async () => void released.push(key) });
  };
  return { cache, released, add };
}

test('the least recently used entry leaves and is released when the number is reached', async () => {
  const { cache, released, add } = cacheOf(2, 1000);
  await add('a', 1);
  await add('b', 1);
  cache.get('a');
  await add('c', 1);
  expect(released).toEqual(['b']);
  expect([cache.get('a'), cache.get('b'), cache.get('c')].map((e) => e !== undefined)).toEqual([
    true,
    false,
    true,
  ]);
  expect(cache.size).toBe(2);
});

test('as many entries leave as the bytes of a new one need', async () => {
  const { cache, released, add } = cacheOf(10, 100);
  await add('a', 40);
  await add('b', 40);
  await add('c', 20);
  await add('d', 70);
  expect(released).toEqual(['a', 'b']);
  expect(cache.bytes).toBe(90);
});

test('an entry heavier than the bound is kept alone', async () => {
  const { cache, released, add } = cacheOf(10, 100);
  await add('a', 40);
  await add('heavy', 500);
  expect(released).toEqual(['a']);
  expect(cache.get('heavy')).toBeDefined();
});

test('clearing releases everything once', async () => {
  const { cache, released, add } = cacheOf(10, 100);
  await add('a', 1);
  await add('b', 1);
  await cache.clear();
  await cache.clear();
  expect(released).toEqual(['a', 'b']);
  expect(cache.size).toBe(0);
});

test('shrinking releases the least recently used entries until the rest fits', async () => {
  const { cache, released, add } = cacheOf(10, 100);
  for (const key of ['a', 'b', 'c']) await add(key, 20);
  cache.get('a');
  await cache.shrink(45);
  expect(released).toEqual(['b']);
  await cache.shrink(0);
  expect(released).toEqual(['b', 'c', 'a']);
  expect(cache.size).toBe(0);
});
