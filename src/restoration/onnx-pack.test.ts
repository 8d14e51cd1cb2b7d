import { expect, test } from 'vitest';
import { testRunner } from '../engine/testing/runners.js';
import { ModelError } from '../tensor/errors.js';
import { joinPack } from './join-pack.js';
import { restorePicture } from './restore-picture.js';
import { countingRunner } from './testing/counting-runner.js';
import { exportedDenoiser, exportedRestorer } from './testing/onnx-modules.js';
import { compactModules, compactPack, madeUpManifest, madeUpModule } from './testing/packs.js';
import { largestDifference, waves } from './testing/pictures.js';

const runner = await testRunner();

const { restorer, denoiser, fusion } = compactModules;
const deblurring = {
  restorer: madeUpModule('drunet', { in_nc: 3, nc: [4, 6], nb: 1 }),
  denoiser: madeUpModule('drunet', { nc: [4, 6, 8], nb: 1 }),
  fusion,
};
const manifest = madeUpManifest({ task: 'deblur', scale: 1 });
const ofNetworks = joinPack(manifest, deblurring, 'own');
const anySize = {
  restorer: exportedRestorer(deblurring.restorer),
  denoiser: exportedDenoiser(deblurring.denoiser),
  fusion,
};
const settings = { tau: 6, steps: 3, seed: 5 };

test.each([
  ['both ONNX', anySize],
  ['an ONNX restorer', { ...anySize, denoiser: deblurring.denoiser }],
  ['an ONNX denoiser', { ...anySize, restorer: deblurring.restorer }],
])('%s: the picture of the pack of networks, whole and in tiles', async (_, modules) => {
  const pack = joinPack(manifest, modules, 'open');
  for (const tile of [1024, 128]) {
    const picture = waves(131, 94);
    const open = await restorePicture(picture, pack, runner, { ...settings, tile });
    const own = await restorePicture(picture, ofNetworks, runner, { ...settings, tile });
    expect(largestDifference(open.picture, own.picture)).toBeLessThan(1e-5);
    expect(largestDifference(open.restored, own.restored)).toBeLessThan(1e-5);
    expect(open.tiles).toBe(own.tiles);
    expect([open.roughMacs, own.roughMacs]).toEqual([true, false]);
  }
});

test('networks of one size: pictures are mirrored up to it, or cut into tiles of that size', async () => {
  const modules = {
    restorer: exportedRestorer(restorer, [24, 20]),
    denoiser: exportedDenoiser(denoiser, [160, 176]),
    fusion,
  };
  const pack = joinPack(madeUpManifest(), modules, 'open');
  const small = waves(24, 20);
  const counted = countingRunner(runner);
  const exact = await restorePicture(small, pack, counted, settings);
  const own = await restorePicture(small, compactPack(), runner, settings);
  expect(exact.restored).toEqual(own.restored);
  expect(exact.tiles).toBe(1);

  const large = waves(70, 61);
  const tiled = await restorePicture(large, pack, counted, settings);
  const whole = await restorePicture(large, compactPack(), runner, settings);
  expect(tiled.tiles).toBeGreaterThan(1);
  expect(largestDifference(tiled.restored, whole.restored)).toBeLessThan(1e-5);
  expect(largestDifference(tiled.picture, whole.picture)).toBeLessThan(1e-5);
});

test('features that only depend on x_IR are kept beside an ONNX denoiser too', async () => {
  const pack = joinPack(manifest, anySize, 'open');
  const counted = countingRunner(runner);
  const { nfe } = await restorePicture(waves(10, 10), pack, counted, settings);
  expect(nfe).toBe(4);
  expect(Object.fromEntries(counted.runs)).toEqual({ onnx: 4, precompute: 1, fuse: 3 });
});

test.each([
  ['a denoiser as restorer', { ...anySize, restorer: anySize.denoiser }, 'cannot be its restorer'],
  ['a restorer as denoiser', { ...anySize, denoiser: anySize.restorer }, 'cannot be its denoiser'],
])('%s is refused when the pack is joined', (_, modules, message) => {
  const join = () => joinPack(manifest, modules, 'open');
  expect(join).toThrow(ModelError);
  expect(join).toThrow(message);
});
