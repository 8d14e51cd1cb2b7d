import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { CancelledError } from '../utils/errors.js';
import { type CheckDatasetOptions, checkDataset } from './check-dataset.js';
import { openDataset } from './open-dataset.js';
import { writeTestImage, writeTestImages, writeText } from './testing/files.js';

async function check(folder: string, options?: CheckDatasetOptions) {
  const dataset = await openDataset(folder, { split: 'all' });
  const { problems, ...counts } = await checkDataset(dataset, options);
  const named = problems.map(({ file, problem }) => `${relative(folder, file)}: ${problem}`);
  return { ...counts, problems: named };
}

const small = { width: 4, height: 3 };
const large = { width: 8, height: 6 };
const names = Array.from({ length: 12 }, (_, at) => `${at}.png`);

/** Twelve sound pairs with a scale of 2. */
async function pairFolder(): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of names) {
    await writeTestImage(join(folder, 'lq', name), small);
    await writeTestImage(join(folder, 'gt', name), large);
  }
  return folder;
}

async function cutOff(path: string, part: number): Promise<void> {
  const whole = await readFile(path);
  await writeFile(path, whole.subarray(0, Math.floor(whole.length * part)));
}

test('a sound data set has counts and no problems', async () => {
  const folder = await pairFolder();
  for (const full of [false, true])
    expect(await check(folder, { full })).toEqual({
      ...{ items: 12, inputs: 12, targets: 12, metadata: 0, problemCount: 0, problems: [] },
    });
});

test('files that are gone, empty, something else or cut off are named', async () => {
  const folder = await pairFolder();
  const at = (name: string) => join(folder, name);
  await symlink(at('nowhere.png'), at('lq/a.png'));
  await writeTestImage(at('gt/a.png'), large);
  await writeText(at('lq/2.png'), '');
  await writeText(at('gt/4.png'), 'no image at all');
  await cutOff(at('gt/5.png'), 0.2);
  await mkdir(at('lq/folder.png'));
  const found = await check(folder);
  expect(found.problems).toEqual([
    'lq/2.png: the file is empty',
    'gt/4.png: this is no PNG, JPEG, WebP, TIFF or AVIF image',
    expect.stringMatching(/^gt\/5.png: the PNG data is damaged or cut off/),
    'lq/a.png: the file does not exist',
  ]);
});

test('a pipe is told of instead of waited for', async () => {
  const folder = await pairFolder();
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await symlink(join(folder, 'pipe'), join(folder, 'lq/a.png'));
  await writeTestImage(join(folder, 'gt/a.png'), large);
  expect((await check(folder)).problems).toEqual(['lq/a.png: this is a pipe, expected a file']);
});

test('damaged pixels are found where all are decoded', async () => {
  const folder = await pairFolder();
  await cutOff(join(folder, 'gt/3.png'), 0.8);
  expect((await check(folder)).problemCount).toBe(0);
  expect((await check(folder, { full: true })).problems).toEqual([
    expect.stringMatching(/^gt\/3.png: the PNG data is damaged or cut off/),
  ]);
});

test('sizes that do not agree with the scale are named with both files', async () => {
  const folder = await pairFolder();
  await writeTestImage(join(folder, 'gt/9.png'), { width: 6, height: 8 });
  await writeTestImage(join(folder, 'gt/10.png'), { width: 9, height: 6 });
  expect((await check(folder)).problems).toEqual([
    `gt/9.png: is 6 x 8 pixels, expected 8 x 6: 2 times ${join(folder, 'lq/9.png')}`,
    `gt/10.png: is 9 x 6 pixels, expected 8 x 6: 2 times ${join(folder, 'lq/10.png')}`,
  ]);
});

test('inputs and targets that are swapped do not pass', async () => {
  const folder = await temporaryFolder();
  await writeTestImages(
    folder,
    names.map((name) => `DIV2K_valid_HR/${name}`),
    small,
  );
  await writeTestImages(
    folder,
    names.map((name) => `DIV2K_valid_LR_bicubic/X2/${name}`),
    large,
  );
  expect((await check(folder)).problemCount).toBe(12);
});

test('missing partners are named both ways', async () => {
  const folder = await pairFolder();
  await writeTestImage(join(folder, 'lq/only input.png'), small);
  await writeTestImage(join(folder, 'gt/only target.png'), large);
  const { items, problems } = await check(folder);
  expect(items).toBe(12);
  expect(problems).toEqual([
    `lq/only input.png: no partner in ${join(folder, 'gt')}`,
    `gt/only target.png: no partner in ${join(folder, 'lq')}`,
  ]);
});

test('a bit depth that differs from the others is named, though it comes first', async () => {
  const folder = await pairFolder();
  await writeTestImage(join(folder, 'gt/0.png'), { ...large, bits: 16 });
  expect((await check(folder)).problems).toEqual([
    'gt/0.png: has 16 bits per channel, most have 8',
  ]);
});

test('equal contents are named, within a pair too', async () => {
  const folder = await pairFolder();
  await copyFile(join(folder, 'gt/3.png'), join(folder, 'gt/7.png'));
  expect((await check(folder)).problems).toEqual([`gt/7.png: repeats ${join(folder, 'gt/3.png')}`]);
  const equal = await temporaryFolder();
  await writeTestImage(join(equal, 'blur/1.png'));
  await mkdir(join(equal, 'sharp'));
  await copyFile(join(equal, 'blur/1.png'), join(equal, 'sharp/1.png'));
  expect((await check(equal)).problems).toEqual([
    `sharp/1.png: repeats ${join(equal, 'blur/1.png')}`,
  ]);
});

test('the first ten problems are named in the order of items, and all are counted', async () => {
  const folder = await pairFolder();
  for (const name of names) await writeText(join(folder, 'lq', name), `text ${name}`);
  for (const workers of [1, 8]) {
    const { problemCount, problems } = await check(folder, { workers });
    expect(problemCount).toBe(12);
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(
      names.slice(0, 10).map((name) => `lq/${name}`),
    );
  }
  expect((await check(folder, { named: 2 })).problems).toHaveLength(2);
});

const frame = { width: 4, height: 4, channels: 4, bits: 16 } as const;
const metadata = JSON.stringify({
  rgb2cam: Array(9).fill(1),
  cam2rgb: Array(9).fill(1),
  ...{ rgb_gain: 1, red_gain: 2, blue_gain: 2 },
});

/** Sound bursts of three frames. */
async function burstFolder(): Promise<string> {
  const folder = await temporaryFolder();
  for (const burst of ['0000', '0001', '0002', '0003']) {
    const frames = [0, 1, 2].map((at) => `bursts/${burst}/im_raw_0${at}.png`);
    await writeTestImages(folder, frames, frame);
    await writeTestImage(join(folder, 'gt', burst, 'im_rgb.png'), {
      ...{ width: 32, height: 32, bits: 16 },
    });
    await writeText(join(folder, 'gt', burst, 'meta_info.json'), metadata);
  }
  return folder;
}

test('sound bursts pass', async () => {
  expect(await check(await burstFolder(), { full: true })).toEqual({
    ...{ items: 4, inputs: 12, targets: 4, metadata: 4, problemCount: 0, problems: [] },
  });
});

test('bursts of other lengths, sizes, depths and channels are named', async () => {
  const folder = await burstFolder();
  const at = (name: string) => join(folder, 'bursts', name);
  await writeTestImage(at('0000/im_raw_03.png'), frame);
  await writeTestImage(at('0001/im_raw_01.png'), { ...frame, width: 6 });
  await writeTestImage(at('0002/im_raw_02.png'), { ...frame, bits: 8 });
  await writeTestImage(at('0003/im_raw_01.png'), { ...frame, channels: 3 });
  expect((await check(folder)).problems).toEqual([
    'bursts/0000/im_raw_00.png: is of a burst of 4 frames, most have 3',
    'bursts/0001/im_raw_01.png: is 6 x 4 pixels, the first frame 4 x 4',
    'bursts/0002/im_raw_02.png: has 8 bits per channel, expected 16',
    'bursts/0003/im_raw_01.png: has 3 channels, expected the 4 of a packed RGGB mosaic',
  ]);
});

test('a ground truth of another size, and metadata that are damaged, are named', async () => {
  const folder = await burstFolder();
  await writeTestImage(join(folder, 'gt/0002/im_rgb.png'), { width: 16, height: 16, bits: 16 });
  await writeText(join(folder, 'gt/0003/meta_info.json'), '{}');
  await mkdir(join(folder, 'bursts/0009'));
  const { problems } = await check(folder);
  expect(problems).toEqual([
    expect.stringMatching(/^gt\/0002\/im_rgb.png: is 16 x 16 pixels, expected 32 x 32: 4 times/),
    expect.stringMatching(/^gt\/0003\/meta_info.json: is no metadata of a burst: rgb2cam/),
    'bursts/0009: has no frames im_raw_00.png',
  ]);
});

test('an image that EXIF turns has the size in which it is shown', async () => {
  const folder = await pairFolder();
  const sharp = (await import('sharp')).default;
  const turned = await sharp(await readFile(join(folder, 'gt/6.png')))
    .rotate(90)
    .withMetadata({ orientation: 8 })
    .png()
    .toBuffer();
  await writeFile(join(folder, 'gt/6.png'), turned);
  expect((await check(folder)).problems).toEqual([]);
});

test('a check can be stopped and tells how far it is', async () => {
  const dataset = await openDataset(await pairFolder());
  const stop = new AbortController();
  const seen: number[] = [];
  const stopped = checkDataset(dataset, {
    ...{ workers: 1, signal: stop.signal },
    onProgress: (done) => {
      seen.push(done);
      if (done === 3) stop.abort();
    },
  });
  await expect(stopped).rejects.toThrow(CancelledError);
  expect(seen).toEqual([1, 2, 3]);
});
