import { afterAll, expect, test } from 'vitest';
import { createLocalRunner } from '../engine/local-runner.js';
import { restorePicture } from './restore-picture.js';
import { compactPack, inexactPack } from './testing/packs.js';
import { largestDifference, waves } from './testing/pictures.js';

const runner = await createLocalRunner({ threads: 1 });
afterAll(() => runner.dispose());

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
  const picture = waves(33, 100);
  const whole = await restorePicture(picture, pack, runner);
  const tiled = await restorePicture(picture, pack, runner, { tile: 300 });
  expect(tiled.tiles).toBeGreaterThan(1);
  const difference = largestDifference(tiled.picture, whole.picture);
  expect(difference).toBeGreaterThan(0);
  expect(difference).toBeLessThan(0.05);
});

test('blended tiles leave no seam: rows beside a cut differ no more than other rows', async () => {
  const pack = inexactPack();
  const picture = waves(33, 100);
  const whole = await restorePicture(picture, pack, runner);
  const tiled = await restorePicture(picture, pack, runner, { tile: 300 });
  const [, height, width] = tiled.picture.shape as [number, number, number];
  let steepest = 0;
  for (let place = 1; place < 3 * height * width; place += 1) {
    if (place % width === 0) continue;
    const step = (at: number) => tiled.picture.data[at]! - whole.picture.data[at]!;
    steepest = Math.max(steepest, Math.abs(step(place) - step(place - 1)));
  }
  expect(steepest).toBeLessThan(0.02);
});
