import { expect, test } from 'vitest';
import { PictureCache } from './picture-cache.js';

const picture = (bytes: number) => ({ width: 1, height: 1, data: new Uint8Array(bytes) });

test('a picture that is asked for twice at a time is made once', async () => {
  const cache = new PictureCache(100);
  let made = 0;
  const make = async () => {
    made += 1;
    return picture(10);
  };
  const [first, second] = await Promise.all([
    cache.picture('a', 1, make),
    cache.picture('a', 1, make),
  ]);
  expect(first).toBe(second);
  expect(await cache.picture('a', 1, make)).toBe(first);
  expect(made).toBe(1);
  await cache.picture('a', 2, make);
  expect(made).toBe(2);
});

test('a picture that could not be made is tried again', async () => {
  const cache = new PictureCache(100);
  const broken = () => Promise.reject(new Error('damaged'));
  await expect(cache.picture('a', 1, broken)).rejects.toThrow('damaged');
  expect((await cache.picture('a', 1, async () => picture(3))).data).toHaveLength(3);
});

test('those used last are kept', async () => {
  const cache = new PictureCache(20);
  for (const name of ['a', 'b', 'a', 'c']) await cache.picture(name, 1, async () => picture(10));
  expect(['a', 'b', 'c'].map((name) => cache.holds(name, 1))).toEqual([true, false, true]);
});
