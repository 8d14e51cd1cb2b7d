import { expect, test } from 'vitest';
import type { SyntheticBurst } from '../degradation/burst.js';
import { processToSrgb } from '../degradation/camera/camera.js';
import { testRunner } from '../engine/testing/runners.js';
import { compactBurst } from '../networks/compact-burst/compact-burst.js';
import { parseConfiguration } from '../networks/network.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { declaredParameters, defineModule } from '../weights/module-file.js';
import { joinPack } from './pack.js';
import { type BurstOptions, joinBurst, restoreBurst } from './restore.js';
import { movingBurst } from './testing/bursts.js';
import { compactModules, madeUpManifest } from './testing/packs.js';
import { tilesOf } from './tiles/tiling.js';

const runner = await testRunner();

const stated = { scale: 1, features: 4, encoderBlocks: 0, trunkFeatures: 4, trunkBlocks: 0 };
/** Without weights: a demosaicked mean of the reference and the mean of all frames as registered. */
const meaning = defineModule(
  compactBurst,
  { ...stated, window: 4 },
  new Map(
    [...declaredParameters(compactBurst, parseConfiguration(compactBurst, stated))].map(
      ([name, { shape }]) => [name, tensor([...shape])],
    ),
  ),
);
const pack = joinPack(
  madeUpManifest({ task: 'burst', scale: 1 }),
  { ...compactModules, restorer: meaning },
  'mean',
);

const SIDE = 160;
const made = (maxTranslation: number, maxRotation: number) =>
  movingBurst(SIDE, { seed: 2, frames: 8, maxTranslation, maxRotation });
const moving = made(160, 1.5);
const rawsOf = (burst: SyntheticBurst): Tensor[] => [...burst].map(({ raw }) => raw);

/** x_IR against what the burst was made of, in dB. */
async function quality(burst: SyntheticBurst, options: BurstOptions = {}) {
  const own = { tile: 128, tau: 2, steps: 1, ...options };
  const { camera } = burst;
  const result = await restoreBurst({ frames: rawsOf(burst), camera }, pack, runner, own);
  expect(result.restorerTiles).toBeGreaterThan(3);
  const truth = burst.truth();
  const area = SIDE ** 2;
  const sampled = tensor([3, SIDE, SIDE]);
  for (let at = 0; at < 3 * area; at += 1) {
    const row = Math.floor(at / SIDE);
    sampled.data[at] = truth.data[(row * SIDE + (at % SIDE) / 4) * 16]!;
  }
  const expected = processToSrgb(sampled, camera);
  let sum = 0;
  for (let at = 0; at < 3 * area; at += 1)
    sum += (expected.data[at]! - result.restored.data[at]!) ** 2;
  return { psnr: -10 * Math.log10(sum / (3 * area)), result };
}

test('bursts that move far become nearly what steadier ones do', { timeout: 60_000 }, async () => {
  const steady = await quality(made(16, 0.2));
  const aligned = await quality(moving);
  const left = await quality(moving, { align: false });
  expect(aligned.result.motions.map(({ state }) => state)).toContain('followed');
  expect(left.result.motions).toEqual([]);
  expect(aligned.psnr).toBeGreaterThan(left.psnr + 1.5);
  expect(aligned.psnr).toBeGreaterThan(steady.psnr - 0.5);
});

test('frames that move little are cut byte for byte as without an estimate', async () => {
  const burst = made(4, 0.1);
  const frames = { frames: rawsOf(burst), camera: burst.camera };
  const [own, plain] = [true, false].map((align) => joinBurst(frames, pack, { align }));
  expect(own!.motions.map(({ state }) => state)).toEqual(Array(8).fill('small'));
  const [tile] = tilesOf(SIDE / 2, SIDE / 2, { size: 48, margin: 16, ramp: 8, multiple: 4 });
  expect(await own!.restoration.input.cut(tile!)).toEqual(
    await plain!.restoration.input.cut(tile!),
  );
});

test('a frame of something else is left out, also where others must stand in', () => {
  const frames = rawsOf(moving);
  const other = movingBurst(SIDE, { seed: 8, frames: 1 }).frame(0).raw;
  const burst = { frames: [frames[0]!, other, frames[2]!], camera: moving.camera };
  const joined = joinBurst(burst, pack);
  expect(joined.frames).toEqual({ used: [0, 2], left: [1] });
  expect(joined.motions.map(({ state }) => state)).toEqual(['small', 'different', 'followed']);
  expect(joinBurst(burst, pack, { align: false }).frames).toEqual({ used: [0, 1, 2], left: [] });
});
