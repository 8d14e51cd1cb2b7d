import { mkdir, open, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeLock } from '../../files/lock-file.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { tensor } from '../../tensor/tensor.js';
import { CancelledError, InputError, LimitError, OutputError } from '../../utils/errors.js';
import { openSource } from '../photographs/photographs.js';
import type { FusionRecipe } from '../recipe.js';
import { openTask } from '../tasks/index.js';
import type { TaskSample } from '../tasks/task.js';
import { imageFolder } from '../testing/fixtures.js';
import { deblurFusionRecipe } from '../testing/recipes.js';
import { CropCacheReader, cacheFileBytes, decodeCrop, encodeCrop } from './cache-file.js';
import { type CropSource, fillCropCache, locateCache } from './crop-cache.js';

const data = await imageFolder([60, 44], [40, 70]);
const samples = 5;
const modules = { restorer: 'r', denoiser: 'd' };
const recipeOf = (changes: object = {}) =>
  deblurFusionRecipe(data, modules, { cache: { samples }, crop: 8, ...changes }) as FusionRecipe;
const recipe = recipeOf();

/** A restorer that gives its input back, and how often it was asked. */
async function sourceOf(own = recipe): Promise<CropSource & { asked: () => number }> {
  let count = 0;
  const restore = async ({ input, target }: TaskSample) => {
    count += 1;
    return { restored: input, target };
  };
  return {
    recipe: own,
    task: openTask(own),
    photographs: await openSource(own),
    openRestorer: async () => ({ restore }),
    asked: () => count,
  };
}

const calm = { checkpoint: async () => undefined };

async function filled(own = recipe) {
  const place = await locateCache(own, 'digest', { output: await temporaryFolder() });
  const source = await sourceOf(own);
  await fillCropCache(place, source, calm);
  return { place, source };
}

test('bytes of images come back as they were, other values closely, far ones limited', () => {
  const side = 4;
  const target = tensor([3, side, side]);
  for (let i = 0; i < 48; i += 1) target.data[i] = Math.fround((5 * i) / 255);
  const restored = tensor(
    [3, side, side],
    Float32Array.from({ length: 48 }, (_, i) => i / 20 - 0.9),
  );
  restored.data[0] = -5;
  restored.data[1] = 9;
  const back = decodeCrop(encodeCrop({ restored, target }), side);
  expect(back.target).toEqual(target);
  expect(back.restored.data[0]).toBe(-1);
  expect(back.restored.data[1]).toBeCloseTo(2.2125, 4);
  for (let i = 2; i < 48; i += 1)
    expect(Math.abs(back.restored.data[i]! - restored.data[i]!)).toBeLessThan(2.5e-5);
});

test('every crop is restored once, and read back wherever it lies', async () => {
  const { place, source } = await filled();
  expect(source.asked()).toBe(samples);
  expect(await readdir(place.folder)).toEqual([place.path.slice(place.folder.length + 1)]);
  expect((await stat(place.path)).size).toBe(cacheFileBytes(place.content));
  const reader = new CropCacheReader(place.path, place.content);
  const crops = Array.from({ length: samples }, (_, index) => reader.read(index));
  reader.close();
  expect(new Set(crops.map(({ target }) => target.data.join())).size).toBe(samples);
  for (const { restored, target } of crops) expect(restored).not.toEqual(target);
  await fillCropCache(place, source, calm);
  expect(source.asked()).toBe(samples);
});

test('work that was stopped goes on where it was, to the same bytes', async () => {
  const { place: whole } = await filled();
  const place = await locateCache(recipe, 'digest', { output: await temporaryFolder() });
  const source = await sourceOf();
  const checkpoint = async () => {
    if (source.asked() === 3) throw new CancelledError();
  };
  const stopped = fillCropCache(place, source, { checkpoint });
  await expect(stopped).rejects.toThrow(CancelledError);
  expect(() => new CropCacheReader(place.path, place.content).read(0)).toThrow(InputError);
  const seen: number[] = [];
  await fillCropCache(place, source, { ...calm, onCrop: (done) => seen.push(done) });
  expect(source.asked()).toBe(samples);
  expect(seen).toEqual([3, 4, 5]);
  expect(await readFile(place.path)).toEqual(await readFile(whole.path));
});

test('a damaged crop is never used, and alone made again', async () => {
  const { place, source } = await filled();
  const sound = await readFile(place.path);
  const file = await open(place.path, 'r+');
  await file.write(Uint8Array.of(1, 2, 3), 0, 3, sound.length - 100);
  await file.close();
  const reader = new CropCacheReader(place.path, place.content);
  expect(reader.read(0).target.shape).toEqual([3, 8, 8]);
  expect(() => reader.read(samples - 1)).toThrow('restored crop 4 is damaged');
  reader.close();
  await fillCropCache(place, source, calm);
  expect(source.asked()).toBe(samples + 1);
  expect(await readFile(place.path)).toEqual(sound);
});

test.each([
  ['cut short', (bytes: Buffer) => bytes.subarray(0, 1300), 4],
  ['of another header', (bytes: Buffer) => Buffer.concat([Buffer.from('x'), bytes]), samples],
])('a file %s is mended', async (_, spoil, again) => {
  const { place, source } = await filled();
  const sound = await readFile(place.path);
  await writeFile(place.path, spoil(sound));
  await fillCropCache(place, source, calm);
  expect(source.asked()).toBe(samples + again);
  expect(await readFile(place.path)).toEqual(sound);
});

test('the name changes with whatever the crops depend on, and with nothing else', async () => {
  const output = await temporaryFolder();
  const nameOf = async (own: FusionRecipe, restorer = 'digest') =>
    (await locateCache(own, restorer, { output })).path;
  const usual = await nameOf(recipe);
  const blur = { kind: 'motion-blur', path: 5, rotation: 0, objects: false };
  const others = await Promise.all([
    nameOf(recipe, 'other'),
    ...[{ seed: 8 }, { crop: 12 }, { reductions: [1, 2] }, { degradation: blur }]
      .map((changes) => recipeOf(changes))
      .map((own) => nameOf(own)),
    nameOf(recipeOf({ cache: { samples: 6 } })),
  ]);
  expect(new Set([usual, ...others]).size).toBe(others.length + 1);
  expect(await nameOf(recipeOf({ learningRate: 0.1, steps: 99, batch: 1 }))).toBe(usual);
  const photograph = join(data, 'image-0.png');
  const { atime, mtime } = await stat(photograph);
  await utimes(photograph, atime, new Date(mtime.getTime() - 60_000));
  expect(await nameOf(recipe)).not.toBe(usual);
  await utimes(photograph, atime, mtime);
});

test('a folder keeps within its bound: older crops make room, too many are refused', async () => {
  const cache = await temporaryFolder();
  const make = async (seed: number, limit: number) => {
    const own = recipeOf({ seed });
    const place = await locateCache(own, 'digest', { output: cache, cache });
    await fillCropCache(place, await sourceOf(own), { ...calm, limit });
    return place;
  };
  const size = cacheFileBytes({ count: samples, crop: 8 });
  const [first, second] = [await make(1, 2 * size), await make(2, 2 * size)];
  await utimes(second.path, new Date(0), new Date(0));
  const third = await make(3, 2 * size);
  const names = (await readdir(cache)).map((name) => join(cache, name)).sort();
  expect(names).toEqual([first.path, third.path].sort());
  await expect(make(4, size - 1)).rejects.toThrow(LimitError);
  expect((await readdir(cache)).length).toBe(2);
});

test('two processes do not make the same crops', async () => {
  const place = await locateCache(recipe, 'digest', { output: await temporaryFolder() });
  await mkdir(place.folder, { recursive: true });
  await takeLock(`${place.path}.lock`);
  await expect(fillCropCache(place, await sourceOf(), calm)).rejects.toThrow(OutputError);
});
