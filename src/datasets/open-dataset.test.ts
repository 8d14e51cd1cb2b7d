import { mkdir, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { InputError, ParameterError } from '../utils/errors.js';
import type { ImageDataset } from './dataset.js';
import { openDataset } from './open-dataset.js';
import { writeTestImages, writeText } from './testing/files.js';

/** Items with paths below the folder, so that they can be compared. */
function listed({ folder, items }: ImageDataset) {
  const below = (path: string) => relative(folder, path);
  return items.map(({ name, inputs, target }) => [
    name,
    ...inputs.map(below),
    ...(target === undefined ? [] : ['->', below(target)]),
  ]);
}

async function folderOf(names: readonly string[], like = {}): Promise<string> {
  const folder = await temporaryFolder();
  await writeTestImages(folder, names, like);
  return folder;
}

const small = { width: 4, height: 4 };
const large = { width: 16, height: 16 };

test.each([
  ['input', 'target', undefined],
  ['lq', 'gt', undefined],
  ['LR', 'HR', 'sr'],
  ['LRbicx4', 'GTmod12', 'sr'],
  ['blur', 'sharp', 'deblur'],
  ['noisy', 'clean', 'denoise'],
] as const)('folders %s and %s hold pairs', async (input, target, task) => {
  const folder = await folderOf([`${input}/10.png`, `${input}/9.png`], small);
  await writeTestImages(folder, [`${target}/9.png`, `${target}/10.png`], large);
  const dataset = await openDataset(folder);
  expect(dataset).toMatchObject({ layout: 'pairs', task, scale: 4, strays: [] });
  expect(listed(dataset)).toEqual([
    ['9', `${input}/9.png`, '->', `${target}/9.png`],
    ['10', `${input}/10.png`, '->', `${target}/10.png`],
  ]);
});

test('files NAME_LR and NAME_HR of one folder are pairs', async () => {
  const folder = await folderOf(['a_LR.png', 'b_x2_LR.png'], small);
  await writeTestImages(folder, ['a_HR.png', 'b_x2_HR.png'], large);
  const dataset = await openDataset(folder);
  expect(dataset).toMatchObject({ layout: 'pairs', task: 'sr', scale: 4 });
  expect(listed(dataset).map(([name]) => name)).toEqual(['a', 'b_x2']);
});

test('DIV2K is split and reduced in several ways', async () => {
  const folder = await folderOf(
    ['DIV2K_train_HR/0001.png', 'DIV2K_train_HR/0002.png', 'DIV2K_valid_HR/0801.png'],
    large,
  );
  await writeTestImages(folder, [
    ...['1', '2'].map((at) => `DIV2K_train_LR_bicubic/X4/000${at}x4.png`),
    'DIV2K_train_LR_bicubic/X2/0001x2.png',
    'DIV2K_train_LR_mild/0001x4m.png',
    'DIV2K_valid_LR_bicubic/X4/0801x4.png',
    'DIV2K_valid_LR_unknown/X3/0801x3.png',
  ]);
  const train = await openDataset(folder, { split: 'train' });
  expect(train).toMatchObject({ layout: 'div2k', task: 'sr', scale: 4, strays: [] });
  expect(listed(train)[1]).toEqual([
    ...['0002', 'DIV2K_train_LR_bicubic/X4/0002x4.png', '->', 'DIV2K_train_HR/0002.png'],
  ]);
  expect(listed(await openDataset(folder, { split: 'all' })).map(([name]) => name)).toEqual([
    ...['train/0001', 'train/0002', 'valid/0801'],
  ]);
  const other = await openDataset(folder, { split: 'valid/unknown/X3' });
  expect(other.scale).toBe(3);
  expect(listed(other)[0]).toContain('DIV2K_valid_LR_unknown/X3/0801x3.png');
  const half = await openDataset(folder, { split: 'train/bicubic/X2' });
  expect(half.strays.map(({ file }) => relative(folder, file))).toEqual([
    'DIV2K_train_HR/0002.png',
  ]);
  expect(listed(await openDataset(folder, { split: 'train/mild/X4' }))).toHaveLength(1);
});

test('GoPro is sequences of frames in their order; blur comes before blur_gamma', async () => {
  const parts = ['blur', 'blur_gamma', 'sharp'];
  const folder = await folderOf([
    ...parts.flatMap((part) => [`test/B_02/${part}/000010.png`, `test/B_02/${part}/000009.png`]),
    ...parts.map((part) => `test/B_10/${part}/1.png`),
    ...['blur_gamma', 'sharp'].map((part) => `train/A/${part}/1.png`),
  ]);
  const dataset = await openDataset(folder, { split: 'test' });
  expect(dataset).toMatchObject({ layout: 'gopro', task: 'deblur', scale: 1, strays: [] });
  expect(listed(dataset)).toEqual([
    ['B_02/000009', 'test/B_02/blur/000009.png', '->', 'test/B_02/sharp/000009.png'],
    ['B_02/000010', 'test/B_02/blur/000010.png', '->', 'test/B_02/sharp/000010.png'],
    ['B_10/1', 'test/B_10/blur/1.png', '->', 'test/B_10/sharp/1.png'],
  ]);
  expect(listed(await openDataset(join(folder, 'train')))).toEqual([
    ['A/1', 'A/blur_gamma/1.png', '->', 'A/sharp/1.png'],
  ]);
});

test('a folder among sequences that is none is told of; one sequence among folders is no GoPro', async () => {
  const folder = await folderOf(['a/blur/1.png', 'a/sharp/1.png', 'b/blur/1.png', 'b/sharp/1.png']);
  await writeTestImages(folder, ['c/sharp/1.png']);
  const { layout, strays } = await openDataset(folder);
  expect({ layout, strays: strays.map(({ file }) => file) }).toEqual({
    ...{ layout: 'gopro', strays: [join(folder, 'c')] },
  });
  await writeTestImages(folder, ['d/1.png', 'e/1.png']);
  expect(await openDataset(folder)).toMatchObject({ layout: 'images', strays: [] });
});

test('HIDE keeps the sharp images of both splits in one flat folder', async () => {
  const folder = await folderOf([
    ...['GT/t1.png', 'GT/t2.png', 'GT/v1.png', 'GT/v2.png', 'GT/nobody.png'],
    ...['train/t1.png', 'train/t2.png'],
    ...['test/test-close-ups/v1.png', 'test/test-long-shot/v2.png'],
  ]);
  const dataset = await openDataset(folder, { split: 'test' });
  expect(dataset).toMatchObject({ layout: 'hide', task: 'deblur', scale: 1 });
  expect(listed(dataset)).toEqual([
    ['v1', 'test/test-close-ups/v1.png', '->', 'GT/v1.png'],
    ['v2', 'test/test-long-shot/v2.png', '->', 'GT/v2.png'],
  ]);
  expect(dataset.strays.map(({ file }) => file)).toEqual([join(folder, 'GT/nobody.png')]);
  expect((await openDataset(folder, { split: 'train' })).items).toHaveLength(2);
});

const packed = { ...small, channels: 4, bits: 16 } as const;
const linear = { width: 32, height: 32, bits: 16 } as const;

test('synthetic bursts have frames, ground truth and metadata', async () => {
  const frames = Array.from({ length: 12 }, (_, at) => `bursts/0000/im_raw_${at}.png`);
  const folder = await folderOf(frames, packed);
  await writeTestImages(folder, ['gt/0000/im_rgb.png', 'gt/0007/im_rgb.png'], linear);
  await writeText(join(folder, 'gt/0000/meta_info.pkl'), '');
  const dataset = await openDataset(folder);
  expect(dataset).toMatchObject({ layout: 'synthetic-burst', task: 'burst', scale: 4 });
  expect(dataset.items[0]!.metadata).toBe(join(folder, 'gt/0000/meta_info.pkl'));
  expect(listed(dataset)).toEqual([['0000', ...frames, '->', 'gt/0000/im_rgb.png']]);
  expect(dataset.strays).toEqual([
    { file: join(folder, 'gt/0007'), reason: expect.stringContaining('missing') },
  ]);
  await writeText(join(folder, 'gt/0000/meta_info.json'), '{}');
  expect((await openDataset(folder)).items[0]!.metadata).toMatch(/json$/);
});

test('a challenge publishes synthetic bursts alone, or all of one in one folder', async () => {
  const alone = await folderOf(['0000/im_raw_00.png', '0001/im_raw_00.png'], packed);
  expect(await openDataset(alone)).toMatchObject({ scale: 4, strays: [] });
  await writeTestImages(alone, ['0001/im_rgb.png'], linear);
  const { items, strays } = await openDataset(alone);
  expect(items.map(({ target }) => target)).toEqual([undefined, join(alone, '0001/im_rgb.png')]);
  expect(strays.map(({ file }) => file)).toEqual([join(alone, '0000')]);
});

test('real bursts lie in folders or files, with a photograph by another camera', async () => {
  const folder = await folderOf(
    ['train/a_0/samsung_00/im_raw.png', 'train/a_0/samsung_01/im_raw.png', 'val/b/samsung_00.png'],
    packed,
  );
  await writeTestImages(folder, ['train/a_0/canon/im_raw.png', 'val/b/canon_im_raw.png'], linear);
  await writeText(join(folder, 'train/a_0/samsung_00/meta_info.pkl'), '');
  const train = await openDataset(folder, { split: 'train' });
  expect(train).toMatchObject({ layout: 'burst-sr', task: 'burst', scale: 4, strays: [] });
  expect(train.items[0]!.metadata).toBe(join(folder, 'train/a_0/samsung_00/meta_info.pkl'));
  expect(listed(train)).toEqual([
    [
      ...['a_0', 'train/a_0/samsung_00/im_raw.png', 'train/a_0/samsung_01/im_raw.png'],
      ...['->', 'train/a_0/canon/im_raw.png'],
    ],
  ]);
  expect(listed(await openDataset(folder, { split: 'val' }))).toEqual([
    ['b', 'val/b/samsung_00.png', '->', 'val/b/canon_im_raw.png'],
  ]);
});

test('Zurich RAW to RGB is bursts of one mosaic', async () => {
  const mosaic = { width: 8, height: 8, channels: 1, bits: 16 } as const;
  const folder = await folderOf(['test/huawei_raw/2.png', 'test/huawei_raw/10.png'], mosaic);
  await writeTestImages(folder, ['test/canon/2.jpg', 'test/canon/10.jpg'], { width: 8, height: 8 });
  const dataset = await openDataset(folder);
  expect(dataset).toMatchObject({ layout: 'burst-sr', task: 'burst', scale: 1 });
  expect(listed(dataset).map(([name]) => name)).toEqual(['2', '10']);
});

test('SIDD has scene folders with noisy and clean images', async () => {
  const folder = await folderOf([
    ...['Data/0001_S6/0001_NOISY_SRGB_010.PNG', 'Data/0001_S6/0001_GT_SRGB_010.PNG'],
    ...['Data/0002_GP/NOISY_SRGB_010.PNG', 'Data/0002_GP/GT_SRGB_010.PNG'],
    'Data/0002_GP/GT_SRGB_011.PNG',
  ]);
  const dataset = await openDataset(folder);
  expect(dataset).toMatchObject({ layout: 'sidd', task: 'denoise', scale: 1 });
  expect(listed(dataset).map(([, input, , target]) => [input, target])).toEqual([
    ['Data/0001_S6/0001_NOISY_SRGB_010.PNG', 'Data/0001_S6/0001_GT_SRGB_010.PNG'],
    ['Data/0002_GP/NOISY_SRGB_010.PNG', 'Data/0002_GP/GT_SRGB_010.PNG'],
  ]);
  expect(dataset.strays.map(({ file }) => relative(folder, file))).toEqual([
    'Data/0002_GP/GT_SRGB_011.PNG',
  ]);
});

test('all else is images, in all folders and by whatever names', async () => {
  const names = [
    '9.png',
    '10.png',
    'more [1]/%2e #?.jpg',
    'more [1]/line\nfeed.png',
    '\'"$(x).png',
  ];
  const folder = await folderOf([...names, '.hidden.png', '.cache/a.png', '9.jpg']);
  await writeText(join(folder, 'notes.txt'), 'no image');
  await symlink(folder, join(folder, 'more [1]', 'again'));
  const dataset = await openDataset(folder);
  expect(dataset).toMatchObject({ layout: 'images', task: undefined, scale: 1, strays: [] });
  expect(listed(dataset).map(([, input]) => input)).toEqual([
    ...['9.jpg', '9.png', '10.png', '\'"$(x).png'],
    ...['more [1]/%2e #?.jpg', 'more [1]/line\nfeed.png'],
  ]);
  const found = new Set(dataset.items.map(({ name }) => name));
  expect(found.size).toBe(dataset.items.length);
});

test('a layout can be asked for', async () => {
  const folder = await folderOf(['blur/1.png', 'sharp/1.png']);
  expect((await openDataset(folder, { layout: 'images' })).items).toHaveLength(2);
  await expect(openDataset(folder, { layout: 'gopro' })).rejects.toThrow(
    /does not lie like gopro; expected folders train and test/,
  );
  await expect(openDataset(folder, { layout: 'coco' as never })).rejects.toThrow(ParameterError);
});

test('of several splits one must be chosen', async () => {
  const folder = await folderOf(
    ['train', 'val'].flatMap((split) => [`${split}/input/1.png`, `${split}/target/1.png`]),
  );
  await expect(openDataset(folder)).rejects.toThrow('split: expected one of train, valid, or all');
  await expect(openDataset(folder, { split: 'test' })).rejects.toThrow(/one of train, valid/);
  for (const split of ['val', 'valid', 'VALIDATION'])
    expect((await openDataset(folder, { split })).items).toHaveLength(1);
  const single = join(folder, 'train');
  await expect(openDataset(single, { split: 'train' })).rejects.toThrow(/has no splits/);
});

test('folders that hold no data set are refused', async () => {
  const folder = await temporaryFolder();
  await expect(openDataset(join(folder, 'nowhere'))).rejects.toThrow(
    /nowhere: the folder does not/,
  );
  await expect(openDataset(folder)).rejects.toThrow(InputError);
  await expect(openDataset(await writeText(join(folder, 'a.txt'), ''))).rejects.toThrow(
    /this is not a folder/,
  );
  for (const name of ['lq', 'input', 'gt']) await mkdir(join(folder, name));
  await expect(openDataset(folder)).rejects.toThrow(/which folders are partners: input, lq, gt/);
});
