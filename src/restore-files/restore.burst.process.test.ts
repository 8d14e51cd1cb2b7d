import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testEngine, testRunner } from '../engine/testing/runners.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { decodeImage } from '../images/decode.js';
import { turnUpright } from '../images/orientation.js';
import { quantise } from '../images/raster.js';
import { loadPack } from '../models/packs.js';
import { openBurst } from '../raw/burst.js';
import { restoreBurst as restoreHere } from '../restoration/index.js';
import { burstOf } from '../restoration/testing/bursts.js';
import { largestDifference } from '../restoration/testing/images.js';
import { CancelledError, InputError, LimitError } from '../utils/errors.js';
import { restoreBurst, restoreBurstFiles, restoreFile } from './restore.js';
import { burstFolder, burstPackFolder } from './testing/burst-files.js';

const folder = await temporaryFolder();
const results = join(folder, 'results');
await mkdir(results);
const pack = await burstPackFolder(folder);
const engine = testEngine();
const runner = await testRunner();

const call = { pack, engine, threads: 1, tau: 4, steps: 1, seed: 2 };
const shots = await burstFolder(join(folder, 'shots'), 4, [20, 28]);

/** The same burst restored in this process. */
async function expected(inputs: readonly string[], options: object, reference?: number | string) {
  const { frames } = await openBurst(inputs, reference === undefined ? {} : { reference });
  const burst = {
    frames: frames.map(({ packed }) => packed),
    camera: frames[0]!.metadata.camera,
  };
  const settings = { tau: 4, steps: 1, seed: 2, ...options };
  return restoreHere(burst, await loadPack(pack), runner, settings);
}

test('frames restored in an engine process are those restored here', async () => {
  const burst = burstOf(3, 6, 8);
  const there = await restoreBurst(burst, { ...call, scale: 2 });
  const here = await restoreHere(burst, await loadPack(pack), runner, {
    ...{ tau: 4, steps: 1, seed: 2, scale: 2 },
  });
  expect(largestDifference(there.image, here.image)).toBe(0);
  expect(there).toMatchObject({
    task: 'burst',
    width: 32,
    height: 24,
    burst: { used: ['frame 0', 'frame 1', 'frame 2'], left: [], repeated: 0, scale: 2, notes: [] },
  });
});

test('a folder of frames becomes an image of 16 bits from the sharpest on', async () => {
  const output = join(results, 'a.png');
  const facts = await restoreBurstFiles([shots], output, { ...call, scale: 1 });
  expect(facts.burst!.used.map((name) => name.slice(shots.length + 1))).toEqual([
    'frame-3.png',
    'frame-0.png',
    'frame-1.png',
    'frame-2.png',
  ]);
  const { tensor, bitDepth, exif } = await decodeImage(output);
  expect(bitDepth).toBe(16);
  expect(Buffer.from(exif!).includes('nobody')).toBe(true);
  expect(tensor.shape).toEqual([3, 40, 56]);
  const { image } = await expected([shots], { scale: 1 });
  expect(quantise([tensor], 16)).toEqual(quantise([image], 16));
  await rm(output);
});

test('a reference that is chosen is the image that is restored', async () => {
  const output = join(results, 'a.tif');
  const own = { ...call, scale: 1, frames: 2, reference: 'frame-1' };
  const { burst } = await restoreBurstFiles([join(shots, 'frame-*.png')], output, own);
  expect(burst!.used[0]).toBe(join(shots, 'frame-1.png'));
  expect(burst!.used).toHaveLength(2);
  expect(burst!.left).toHaveLength(2);
  const { image } = await expected([shots], { scale: 1, frames: 2 }, 1);
  const { tensor, bitDepth } = await decodeImage(output);
  expect(bitDepth).toBe(16);
  expect(quantise([tensor], 16)).toEqual(quantise([image], 16));
  await rm(output);
});

test.each([1, 3, 6, 8] as const)(
  'the result stands upright, in one piece or in rows (orientation %i)',
  async (orientation) => {
    const turned = await burstFolder(
      join(folder, `turned-${orientation}`),
      2,
      [30, 26],
      orientation,
    );
    const own = { ...call, scale: 2, reference: 0 };
    const { image } = await expected([turned], { scale: 2 }, 0);
    const upright = turnUpright(image, orientation);
    for (const region of [undefined, 110])
      for (const reportTiling of orientation === 6 ? [false, true] : [false]) {
        const output = join(results, 'a.png');
        const progress: string[] = [];
        const facts = await restoreBurstFiles([turned], output, {
          ...own,
          region,
          reportTiling,
          tile: 512,
          onProgress: ({ width, height }) => progress.push(`${width}x${height}`),
        });
        const [, height, width] = upright.shape;
        expect(facts).toMatchObject({ height, width });
        expect(facts.regions.count).toBe(region === undefined ? 1 : 2);
        if (!reportTiling) expect(new Set(progress)).toEqual(new Set([`${width}x${height}`]));
        const { tensor } = await decodeImage(output);
        expect(tensor.shape).toEqual(upright.shape);
        expect(largestDifference(tensor, upright)).toBeLessThan(1e-4);
        await rm(output);
      }
  },
);

test('formats of 8 bits hold a burst as well', async () => {
  const output = join(results, 'a.webp');
  await restoreBurstFiles([shots], output, { ...call, scale: 1 });
  expect(await decodeImage(output)).toMatchObject({ bitDepth: 8 });
  await rm(output);
});

test('what cannot be restored leaves nothing behind', async () => {
  const output = join(results, 'a.png');
  const run = (inputs: readonly string[], more: object = {}) =>
    restoreBurstFiles(inputs, output, { ...call, ...more });
  await expect(run([join(folder, 'none')])).rejects.toThrow(InputError);
  await expect(run([shots], { maxPixels: 160 * 224 - 1 })).rejects.toThrow(LimitError);
  await expect(run([shots], { reference: 9 })).rejects.toThrow('reference: expected');
  await expect(run([shots], { scale: 3 })).rejects.toThrow('scale: expected 4 or 2 or 1');
  await expect(run([shots], { pack: 'sr4', task: undefined })).rejects.toThrow(
    'task: expected sr4, which the pack sr4 is for',
  );
  const image = restoreFile(join(shots, 'frame-0.png'), output, { ...call, task: undefined });
  await expect(image).rejects.toThrow('which restores no image');
  const abort = new AbortController();
  const stopped = run([shots], {
    signal: abort.signal,
    onProgress: ({ done }: { done: number }) => done > 0 && abort.abort(),
  });
  await expect(stopped).rejects.toThrow(CancelledError);
  expect(await readdir(results)).toEqual([]);
});

test('a frame that is damaged is named', async () => {
  const spoilt = await burstFolder(join(folder, 'spoilt'), 2, [8, 8]);
  const file = join(spoilt, 'frame-1.png');
  await writeFile(file, (await readFile(file)).subarray(0, 60));
  await expect(restoreBurstFiles([spoilt], join(results, 'a.png'), call)).rejects.toThrow(
    'frame-1.png',
  );
});
