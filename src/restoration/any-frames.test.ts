import { expect, test } from 'vitest';
import { testRunner } from '../engine/testing/runners.js';
import type { Tensor } from '../tensor/tensor.js';
import { restoreBurst } from './restore-burst.js';
import { burstOf, nearPack } from './testing/bursts.js';
import { countingRunner } from './testing/counting-runner.js';
import { largestDifference } from './testing/pictures.js';

const runner = await testRunner();

const pack = nearPack();
const settings = { tau: 4, steps: 1, seed: 2 };

test('a network of any number of frames takes all of them, or the sharpest that are asked for', async () => {
  const burst = burstOf(5, 8, 6);
  const all = await restoreBurst(burst, pack, runner, settings);
  expect(all.frames).toEqual({ used: [0, 1, 2, 3, 4], left: [] });
  const some = await restoreBurst(burst, pack, runner, { ...settings, frames: 3 });
  expect(some.frames).toEqual({ used: [0, 3, 4], left: [1, 2] });
  const own = burst.frames as readonly Tensor[];
  const three = { ...burst, frames: [own[0]!, own[3]!, own[4]!] };
  const chosen = await restoreBurst(three, pack, runner, settings);
  expect(largestDifference(some.restored, chosen.restored)).toBe(0);
  expect(largestDifference(all.restored, chosen.restored)).toBeGreaterThan(0);
  const one = { ...burst, frames: [own[0]!] };
  expect((await restoreBurst(one, pack, runner, settings)).frames).toEqual({ used: [0], left: [] });
});

test('graphs are compiled once for a number of frames, not for every burst', async () => {
  const counting = countingRunner(runner);
  const keys: string[] = [];
  const watching = {
    ...counting,
    device: runner.device,
    compile: (key: string, build: () => Uint8Array) => {
      if (key.startsWith('restore')) keys.push(key);
      return runner.compile(key, build);
    },
  };
  for (const count of [4, 4, 2, 4])
    await restoreBurst(burstOf(count, 6, 6), pack, watching, settings);
  expect(new Set(keys).size).toBe(2);
});

test.each([
  [4, 440, undefined],
  [2, 440, undefined],
  [1, 440, 200],
])(
  'tiles of a network of finite reach give the whole (scale %i, tile %i, region %s)',
  async (scale, tile, region) => {
    const [height, width] = [51, 80];
    const burst = burstOf(3, height, width);
    const own = { ...settings, scale };
    const whole = await restoreBurst(burst, pack, runner, { ...own, tile: 2048 });
    expect(whole.restorerTiles).toBe(1);
    const tiled = await restoreBurst(burst, pack, runner, { ...own, tile, region });
    expect(tiled.restorerTiles).toBeGreaterThan(3);
    // Rounding alone: dividing by little, registration makes more of it than a convolution does.
    expect(largestDifference(tiled.restored, whole.restored)).toBeLessThan(2e-4);
    expect(largestDifference(tiled.picture, whole.picture)).toBeLessThan(5e-4);
  },
);
