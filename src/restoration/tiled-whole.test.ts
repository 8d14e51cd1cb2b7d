import { expect, test } from 'vitest';
import { testRunner } from '../engine/testing/runners.js';
import { restorePicture } from './restore-picture.js';
import { compactPack, inexactPack } from './testing/packs.js';
import { largestDifference, waves } from './testing/pictures.js';

const runner = await testRunner();

const compact = compactPack();

test.each([
  [1, 1],
  [1, 7],
  [5, 3],
])('a picture of %i x %i is restored to four times its size', async (height, width) => {
  for (const pack of [compact, inexactPack()]) {
    const { picture, tiles } = await restorePicture(waves(height, width), pack, runner);
    expect(picture.shape).toEqual([3, 4 * height, 4 * width]);
    expect(tiles).toBe(1);
    expect(picture.data.every((value) => value >= 0 && value <= 1)).toBe(true);
  }
});

test.each([
  [33, 50, 128],
  [50, 33, 140],
  [61, 20, 164],
])(
  '%i x %i in tiles of %i: networks of finite reach give the bytes of the whole',
  async (height, width, tile) => {
    const picture = waves(height, width);
    const whole = await restorePicture(picture, compact, runner);
    const tiled = await restorePicture(picture, compact, runner, { tile });
    expect(whole.tiles).toBe(1);
    expect(tiled.tiles).toBeGreaterThan(1);
    expect(largestDifference(tiled.restored, whole.restored)).toBe(0);
    expect(largestDifference(tiled.picture, whole.picture)).toBe(0);
  },
);

test('windows and global pooling make tiles differ, within a bound', async () => {
  const pack = inexactPack();
  const picture = waves(20, 90);
  const settings = { tau: 250, steps: 1 };
  const whole = await restorePicture(picture, pack, runner, settings);
  const tiled = await restorePicture(picture, pack, runner, { ...settings, tile: 288 });
  expect(tiled.tiles).toBe(2);
  const difference = largestDifference(tiled.picture, whole.picture);
  expect(difference).toBeGreaterThan(1e-6);
  expect(difference).toBeLessThan(5e-4);
});
