import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { mapConcurrent } from './map-concurrent.js';

test('returns all items in order, with at most four in progress', async () => {
  let [making, most] = [0, 0];
  const items = await mapConcurrent(11, 4, async (index) => {
    making += 1;
    most = Math.max(most, making);
    for (let turn = 0; turn < 11 - index; turn += 1) await setImmediate();
    making -= 1;
    return index;
  });
  expect(items).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(most).toBe(4);
  expect(await mapConcurrent(0, 4, () => Promise.reject(new Error('there is none')))).toEqual([]);
});

test('starts nothing after a failure', async () => {
  const begun: number[] = [];
  const items = mapConcurrent(20, 4, async (index) => {
    begun.push(index);
    await setImmediate();
    if (index === 2) throw new Error('the third');
  });
  await expect(items).rejects.toThrow('the third');
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  expect(begun.length).toBeLessThan(8);
});

test('starts nothing after its signal aborts', async () => {
  const cancellation = new AbortController();
  const begun: number[] = [];
  const items = mapConcurrent(
    20,
    2,
    async (index) => {
      begun.push(index);
      await setImmediate();
      if (index === 3) cancellation.abort(new Error('enough'));
    },
    { signal: cancellation.signal },
  );
  await expect(items).rejects.toThrow('enough');
  expect(begun.length).toBeLessThan(7);
});
