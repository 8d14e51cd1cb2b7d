import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { mapConcurrent } from './map-concurrent.js';

test('gives all items in their order, four in the making at most', async () => {
  let [making, most] = [0, 0];
  const items = await mapConcurrent(11, async (index) => {
    making += 1;
    most = Math.max(most, making);
    for (let turn = 0; turn < 11 - index; turn += 1) await setImmediate();
    making -= 1;
    return index;
  });
  expect(items).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(most).toBe(4);
  expect(await mapConcurrent(0, () => Promise.reject(new Error('there is none')))).toEqual([]);
});

test('begins nothing after a failure', async () => {
  const begun: number[] = [];
  const items = mapConcurrent(20, async (index) => {
    begun.push(index);
    await setImmediate();
    if (index === 2) throw new Error('the third');
  });
  await expect(items).rejects.toThrow('the third');
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  expect(begun.length).toBeLessThan(8);
});
