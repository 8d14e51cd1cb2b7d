import { expect, test } from 'vitest';
import { createLocalRunner } from '../../engine/local-runner.js';
import { ParameterError } from '../../utils/errors.js';
import { restoreImage } from '../index.js';
import { nearPack } from '../testing/bursts.js';
import { waves } from '../testing/images.js';
import { compactModules, compactPack } from '../testing/packs.js';
import { leastTile } from '../tiles/tile-settings.js';
import { networkCost } from './network-cost.js';
import { packCost, packLayers } from './pack-cost.js';

const pack = compactPack();

test.each([
  ['in one tile', 20, 24, 1024],
  ['in tiles', 20, 90, leastTile(pack) + 8],
])('tells the work that a restoration does, %s', async (_, height, width, tile) => {
  const runner = await createLocalRunner();
  const { macs, nfe, tiles } = await restoreImage(waves(height, width), pack, runner, { tile });
  await runner.dispose();
  const told = packCost(pack, { size: { width, height }, tile });
  expect(told).toMatchObject({ macs, nfe });
  expect(told.parts.at(-1)!.tile.count).toBe(tiles);
  expect(tiles > 1).toBe(tile < 1024);
});

test('work is a + b x evaluations', () => {
  const size = { width: 32, height: 16 };
  const facts = [1, 2, 5].map((steps) => packCost(pack, { size, steps, tau: 5 }));
  const [first] = facts;
  for (const { once, perEvaluation, macs, evaluations } of facts) {
    expect({ once, perEvaluation }).toEqual({
      once: first!.once,
      perEvaluation: first!.perEvaluation,
    });
    expect(macs).toBe(once + evaluations * perEvaluation);
  }
  expect(facts.map(({ nfe }) => nfe)).toEqual([2, 3, 6]);
});

test('parts of the fusion network add up to the whole network, modules to what they are alone', () => {
  const { parts, parameters } = packCost(pack, { size: { width: 32, height: 16 } });
  const macsOf = (name: string) => parts.find(({ part }) => part === name)!.macs;
  const alone = (role: keyof typeof compactModules, width: number, height: number) =>
    networkCost(compactModules[role], { width, height });
  const fusion = alone('fusion', 128, 64);
  expect(macsOf('known') + macsOf('fusion')).toBe(fusion.macs);
  expect(macsOf('denoiser')).toBe(alone('denoiser', 128, 64).macs);
  expect(macsOf('restorer')).toBe(alone('restorer', 32, 16).macs);
  expect(parameters.fusion).toBe(fusion.parameters);
  const { restorer, denoiser, total } = parameters;
  expect(total).toBe(restorer + denoiser + parameters.fusion);
});

test('the default is a result of 720p, and layers add up to their part', () => {
  const { result, input, parts } = packCost(pack);
  expect(result).toEqual({ width: 1280, height: 720 });
  expect(input).toEqual({ width: 320, height: 180 });
  for (const [index, { part, layers }] of packLayers(pack).entries()) {
    expect(part).toBe(parts[index]!.part);
    expect(layers.reduce((sum, { macs }) => sum + macs, 0)).toBe(parts[index]!.tileMacs);
  }
});

test('a burst is counted in pixels of the mosaic', () => {
  const burst = nearPack();
  const { scale } = burst.manifest;
  const { result, parts } = packCost(burst, { size: { width: 32, height: 24 } });
  expect(result).toEqual({ width: 32 * scale, height: 24 * scale });
  expect(parts[0]!.tile).toMatchObject({ width: 16, height: 12 });
  expect(() => packCost(burst, { size: { width: 31, height: 24 } })).toThrow(ParameterError);
});

test('very large images are counted without running anything', () => {
  const { macs, regions, activationBytes } = packCost(pack, {
    size: { width: 4000, height: 3000 },
  });
  expect(regions).toBeGreaterThan(1);
  expect(macs / packCost(pack).macs).toBeGreaterThan((4000 * 3000) / (320 * 180));
  expect(activationBytes).toBeLessThan(2 ** 30);
});

test.each([
  [{ tau: 0 }],
  [{ steps: 6, tau: 5 }],
  [{ size: { width: 0, height: 4 } }],
  [{ size: { width: 2000, height: 8 }, tile: 8 }],
])('refuses %j', (options) => {
  expect(() => packCost(pack, options)).toThrow(ParameterError);
});
