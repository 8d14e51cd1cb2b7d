import { expect, test } from 'vitest';
import { resizeBicubic } from '../degradation/bicubic-resize.js';
import { processToSrgb } from '../degradation/camera/camera.js';
import { testRunner } from '../engine/testing/runners.js';
import { input, lowerToOnnx, ParameterScope } from '../graph/index.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { DpirError, ModelError } from '../utils/errors.js';
import { fitBurst } from './burst/burst-frames.js';
import type { Burst } from './burst/burst-input.js';
import { joinPack } from './pack.js';
import { restoreBurst, restoreImage } from './restore.js';
import { bsrtPack, burstOf, frame, nearPack, tinyBsrt } from './testing/bursts.js';
import { largestDifference, waves } from './testing/images.js';
import { exportedRestorer } from './testing/onnx-modules.js';
import { compactModules, compactPack, madeUpManifest, madeUpModule } from './testing/packs.js';
import { countingRunner } from './testing/runners.js';

const runner = await testRunner();

const pack = bsrtPack();
const settings = { tau: 4, steps: 1, seed: 2 };

/** The restoration network alone, in linear light. */
async function alone(frames: Tensor): Promise<Tensor> {
  const burst = input('burst', [1, ...frames.shape]);
  const { network, config, weights } = tinyBsrt;
  const output = network.build(config, new ParameterScope(), [burst]);
  const { bytes } = lowerToOnnx({ outputs: { output }, weights });
  const graph = await runner.compile(`alone ${frames.shape}`, () => bytes);
  const { output: made } = await graph.run({ burst: tensor([1, ...frames.shape], frames.data) });
  return tensor(made!.shape.slice(1), made!.data as Float32Array);
}

function joined({ frames }: Burst): Tensor {
  const list = frames as readonly Tensor[];
  const data = list.flatMap((own) => [...own.data]);
  return tensor([list.length, ...list[0]!.shape], data);
}

test('x_IR is the network in linear light, then the camera', async () => {
  const burst = burstOf(3, 8, 12);
  const { image, restored, frames, nfe } = await restoreBurst(burst, pack, runner, settings);
  expect(image.shape).toEqual([3, 64, 96]);
  expect(frames).toEqual({ used: [0, 1, 2], left: [] });
  expect(nfe).toBe(2);
  const linear = await alone(joined(burst));
  expect(largestDifference(restored, processToSrgb(linear, burst.camera))).toBeLessThan(1e-6);
  expect(largestDifference(restored, linear)).toBeGreaterThan(0.05);
});

test('one tensor of frames or a list of them: the same image', async () => {
  const burst = burstOf(3, 8, 8);
  const list = await restoreBurst(burst, pack, runner, settings);
  const one = { ...burst, frames: joined(burst) };
  const together = await restoreBurst(one, pack, runner, settings);
  expect(together.image).toEqual(list.image);
});

test('of too many frames the sharpest are used, and the choice is told', async () => {
  const burst = burstOf(5, 8, 8);
  const { restored, frames } = await restoreBurst(burst, pack, runner, settings);
  expect(frames).toEqual({ used: [0, 3, 4], left: [1, 2] });
  const linear = await alone(fitBurst(joined(burst), 3).burst);
  expect(largestDifference(restored, processToSrgb(linear, burst.camera))).toBeLessThan(1e-6);
});

test('where frames lack, or fewer are asked for, the reference stands in', async () => {
  const burst = burstOf(3, 8, 8);
  const [reference, second, third] = burst.frames as readonly Tensor[];
  const few = await restoreBurst({ ...burst, frames: [reference!] }, pack, runner, settings);
  expect(few.frames).toEqual({ used: [0, 0, 0], left: [] });
  const asked = await restoreBurst(burst, pack, runner, { ...settings, frames: 2 });
  expect(asked.frames).toEqual({ used: [0, 2, 0], left: [1] });
  const expected = await alone(joined({ ...burst, frames: [reference!, third!, reference!] }));
  expect(largestDifference(asked.restored, processToSrgb(expected, burst.camera))).toBeLessThan(
    1e-6,
  );
  expect(second!.data).toEqual(frame(8, 8, 1).data);
});

test('another reference gives another image', async () => {
  const burst = burstOf(3, 8, 8);
  const [a, b, c] = burst.frames as readonly Tensor[];
  const first = await restoreBurst(burst, pack, runner, settings);
  const other = await restoreBurst({ ...burst, frames: [b!, a!, c!] }, pack, runner, settings);
  expect(largestDifference(first.restored, other.restored)).toBeGreaterThan(1e-3);
});

test.each([
  [1, 4],
  [2, 2],
])('at scale %i linear light is reduced before the camera', async (scale, reduction) => {
  const burst = burstOf(3, 8, 12);
  const { image, restored } = await restoreBurst(burst, pack, runner, { ...settings, scale });
  expect(image.shape).toEqual([3, 16 * scale, 24 * scale]);
  const linear = await alone(joined(burst));
  const small = resizeBicubic(linear, { scale: 1 / reduction });
  expect(largestDifference(restored, processToSrgb(small, burst.camera))).toBeLessThan(1e-6);
});

test.each([
  [4, undefined, 2],
  [1, 96, 2],
])(
  'tiles through alignment differ from the whole within a bound (scale %i)',
  async (scale, region, count) => {
    const burst = burstOf(3, 56, 10);
    const own = { ...settings, scale };
    const whole = await restoreBurst(burst, pack, runner, { ...own, tile: 1024, region: 1024 });
    expect(whole).toMatchObject({ restorerTiles: 1, tiles: 1 });
    const tiled = await restoreBurst(burst, pack, runner, { ...own, tile: 416, region });
    expect(tiled.restorerTiles).toBe(count);
    const difference = largestDifference(tiled.restored, whole.restored);
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(0.02);
    expect(largestDifference(tiled.image, whole.image)).toBeLessThan(0.02);
  },
);

const good = burstOf(3, 8, 8);
const [first] = good.frames as readonly Tensor[];
const spoilt = tensor(first!.shape, first!.data.with(7, Number.NaN));
const refused: [string, Partial<Burst>, object, string][] = [
  ['no frame', { frames: [] }, {}, 'burst: expected at least one frame'],
  ['an image', { frames: [waves(8, 8)] }, {}, 'burst: expected frames of the shape'],
  ['frames of two sizes', { frames: [first!, frame(8, 6, 1)] }, {}, 'frames of one shape'],
  ['one frame without its extent', { frames: first! }, {}, 'burst: expected the shape'],
  ['no numbers', { frames: [first!, first!, spoilt] }, {}, 'NaN or infinity in frame 2'],
  ['a scale beyond the pack', {}, { scale: 8 }, 'scale: expected 4 or 2 or 1 with a pack'],
  ['a broken scale', {}, { scale: 3 }, 'scale: expected'],
  ['no frames at all', {}, { frames: 0 }, 'frames: expected a positive integer'],
];

test.each(refused)('%s is refused', async (_, burst, options, message) => {
  const call = restoreBurst({ ...good, ...burst }, pack, runner, { ...settings, ...options });
  await expect(call).rejects.toThrow(DpirError);
  await expect(call).rejects.toThrow(message);
});

test('packs restore what they are for and nothing else', async () => {
  await expect(restoreBurst(good, compactPack(), runner)).rejects.toThrow(
    'is a pack for sr4, which restores no burst',
  );
  await expect(restoreImage(waves(8, 8), pack, runner)).rejects.toThrow(ModelError);
});

test('a pack for bursts takes networks for bursts, of its scale', () => {
  const join = (restorer: Parameters<typeof joinPack>[1]['restorer'], scale = 4) =>
    joinPack(madeUpManifest({ task: 'burst', scale }), { ...compactModules, restorer }, 'own pack');
  expect(() => join(tinyBsrt)).not.toThrow();
  expect(() => join(tinyBsrt, 2)).toThrow('bsrt cannot be its restorer');
  expect(() => join(compactModules.restorer)).toThrow('does not restore bursts');
  const onnx = exportedRestorer(compactModules.restorer);
  expect(() => join(onnx)).toThrow('an ONNX file restores no burst');
  expect(() => join(madeUpModule('nafnet', { width: 4 }))).toThrow(ModelError);
});

const anyFramesPack = nearPack();

test('a network of any number of frames takes all of them, or the sharpest that are asked for', async () => {
  const burst = burstOf(5, 8, 6);
  const all = await restoreBurst(burst, anyFramesPack, runner, settings);
  expect(all.frames).toEqual({ used: [0, 1, 2, 3, 4], left: [] });
  const some = await restoreBurst(burst, anyFramesPack, runner, { ...settings, frames: 3 });
  expect(some.frames).toEqual({ used: [0, 3, 4], left: [1, 2] });
  const own = burst.frames as readonly Tensor[];
  const three = { ...burst, frames: [own[0]!, own[3]!, own[4]!] };
  const chosen = await restoreBurst(three, anyFramesPack, runner, settings);
  expect(largestDifference(some.restored, chosen.restored)).toBe(0);
  expect(largestDifference(all.restored, chosen.restored)).toBeGreaterThan(0);
  const one = { ...burst, frames: [own[0]!] };
  expect((await restoreBurst(one, anyFramesPack, runner, settings)).frames).toEqual({
    used: [0],
    left: [],
  });
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
    await restoreBurst(burstOf(count, 6, 6), anyFramesPack, watching, settings);
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
    const whole = await restoreBurst(burst, anyFramesPack, runner, { ...own, tile: 2048 });
    expect(whole.restorerTiles).toBe(1);
    const tiled = await restoreBurst(burst, anyFramesPack, runner, { ...own, tile, region });
    expect(tiled.restorerTiles).toBeGreaterThan(3);
    // Rounding alone: dividing by little, registration makes more of it than a convolution does.
    expect(largestDifference(tiled.restored, whole.restored)).toBeLessThan(2e-4);
    expect(largestDifference(tiled.image, whole.image)).toBeLessThan(5e-4);
  },
);
