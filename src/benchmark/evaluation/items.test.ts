import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDataset } from '../../datasets/make-dataset.js';
import { openDataset } from '../../datasets/open-dataset.js';
import { writeTestImage, writeTestImages } from '../../datasets/testing/files.js';
import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { processToSrgb } from '../../degradation/camera/camera.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { decodeImage } from '../../images/decode.js';
import { tensor } from '../../tensor/tensor.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import {
  baseline,
  benchmarkItems,
  commonPart,
  datasetNames,
  isBurst,
  itemDigest,
  loadItem,
  matchOutput,
} from './items.js';
import { evaluationTasks } from './tasks.js';

const reductionBy4 = evaluationTasks.sr4.degradation;

async function plain(width = 14, height = 11) {
  const folder = await temporaryFolder();
  await writeTestImage(join(folder, 'one.png'), { width, height });
  await writeTestImage(join(folder, 'two.png'), { width, height });
  return { folder, dataset: await openDataset(folder) };
}

test('plain images are cut to multiples of 4, reduced with antialiasing and rounded', async () => {
  const { folder, dataset } = await plain();
  const [item] = benchmarkItems(dataset, { degradation: reductionBy4 });
  const { input, target } = await loadItem(item!);
  const { tensor: image } = await decodeImage(join(folder, 'one.png'));
  expect(target.shape).toEqual([3, 8, 12]);
  for (const [channel, row, column] of [
    [0, 0, 0],
    [2, 7, 11],
  ] as const)
    expect(target.data[(channel * 8 + row) * 12 + column]).toBe(
      image.data[(channel * 11 + row) * 14 + column],
    );
  const reduced = resizeBicubic(target, { scale: 1 / 4 });
  expect(isBurst(input)).toBe(false);
  if (isBurst(input)) return;
  expect(input.shape).toEqual([3, 2, 3]);
  input.data.forEach((value, at) => {
    expect(value * 255).toBeCloseTo(Math.round(value * 255), 3);
    const exact = Math.min(1, Math.max(0, reduced.data[at]!));
    expect(Math.abs(value - exact)).toBeLessThanOrEqual(0.5 / 255 + 1e-6);
  });
});

test('pairs are read as they are, and targets can be degraded anew', async () => {
  const folder = await temporaryFolder();
  await writeTestImages(join(folder, 'blur'), ['a.png'], { width: 8, height: 8 });
  await writeTestImages(join(folder, 'sharp'), ['a.png'], { width: 8, height: 8 });
  const dataset = await openDataset(folder);
  const [pair] = benchmarkItems(dataset);
  const { input } = await loadItem(pair!);
  expect(input).toEqual((await decodeImage(join(folder, 'blur/a.png'))).tensor);
  const [made] = benchmarkItems(dataset, { degradation: { kind: 'noise', sigma: 0.1 }, seed: 3 });
  const { input: noisy, target } = await loadItem(made!);
  expect(target).toEqual((await decodeImage(join(folder, 'sharp/a.png'))).tensor);
  expect(noisy).not.toEqual(input);
  expect(await loadItem(made!)).toEqual({ input: noisy, target });
});

test('an example is told by its content, not by its name or place', async () => {
  const { folder, dataset } = await plain();
  const [first, second] = benchmarkItems(dataset, { degradation: reductionBy4 });
  const elsewhere = await temporaryFolder();
  await copyFile(join(folder, 'one.png'), join(elsewhere, 'renamed.png'));
  const [copy] = benchmarkItems(await openDataset(elsewhere), { degradation: reductionBy4 });
  expect(await itemDigest(copy!)).toBe(await itemDigest(first!));
  expect(await itemDigest(second!)).not.toBe(await itemDigest(first!));
  const [noisy] = benchmarkItems(dataset, { degradation: { kind: 'noise', sigma: 0.1 } });
  expect(await itemDigest(noisy!)).not.toBe(await itemDigest(first!));
});

test('the reference of a burst is demosaicked, enlarged and developed; its target is developed', async () => {
  const photographs = await temporaryFolder();
  await writeTestImage(join(photographs, 'a.png'), { width: 96, height: 96 });
  const output = join(await temporaryFolder(), 'bursts');
  await makeDataset({ photographs, output, degradation: 'burst', seed: 1, frames: 2 });
  const [item] = benchmarkItems(await openDataset(output));
  const { input, target } = await loadItem(item!);
  if (!isBurst(input)) throw new Error('expected a burst');
  const image = baseline(input, item!.scale);
  expect(image.shape).toEqual(target.shape);
  const frames = input.frames as readonly (typeof target)[];
  expect(frames).toHaveLength(2);
  frames[0]!.data.fill(0.25);
  const level = new Float32Array(target.data.length).fill(0.25);
  const { data: expected } = processToSrgb(tensor(target.shape, level), input.camera);
  const { data: developed } = baseline(input, item!.scale);
  const distance = developed.map((value, at) => Math.abs(value - expected[at]!));
  expect(Math.max(...distance)).toBeLessThan(1e-5);
});

test('what cannot be measured is refused', async () => {
  const { dataset } = await plain();
  expect(() => benchmarkItems(dataset)).toThrow(ParameterError);
  expect(() => benchmarkItems(dataset)).toThrow('Give --task sr4');
  const odd = { kind: 'downscale', scale: 1.5 };
  expect(() => benchmarkItems(dataset, { degradation: odd })).toThrow('a whole scale');
  const bursts = { ...dataset, layout: 'synthetic-burst' } as const;
  expect(() => benchmarkItems(bursts, { degradation: reductionBy4 })).toThrow(ParameterError);
  expect(() => benchmarkItems(bursts)).toThrow(InputError);
});

test('results and targets may differ by less than the scale', () => {
  const of = (height: number, width: number) => tensor([3, height, width]);
  const cut = commonPart('x', { result: of(8, 12), target: of(7, 15) }, 4);
  expect([cut.result.shape, cut.target.shape]).toEqual([
    [3, 7, 12],
    [3, 7, 12],
  ]);
  expect(() => commonPart('x', { result: of(8, 12), target: of(8, 16) }, 4)).toThrow(
    'x: the result has 12 x 8 pixels, its target 16 x 8',
  );
  expect(() => commonPart('x', { result: of(8, 8), target: of(8, 7) }, 1)).toThrow(InputError);
});

test.each([
  ['img-1', ['img-1.png', 'img-10.png'], 'img-1.png'],
  ['img-1', ['img-1_net.png', 'img-10_net.png'], 'img-1_net.png'],
  ['a/b/0001', ['deep/0001.png'], 'deep/0001.png'],
  ['0001', ['x/0001.png', 'y/0001.png'], undefined],
  ['img', ['imgs.png'], undefined],
])('the output for %s among %j is %s', (name, files, found) => {
  expect(matchOutput(name, files)).toBe(found);
});

test('data sets of one name are told apart', () => {
  expect(datasetNames(['/x/set5', '/y/set14'])).toEqual(['set5', 'set14']);
  const [first, second] = datasetNames(['/x/test', '/y/test']);
  expect(first).not.toBe(second);
});

test('a list takes its examples and leaves their degradation as it is', async () => {
  const { dataset } = await plain();
  const degradation = { kind: 'noise', sigma: 0.1 };
  const whole = benchmarkItems(dataset, { degradation });
  const of = (...names: string[]) =>
    benchmarkItems(dataset, { degradation, list: { names, file: 'list.txt' } });
  expect(of('two.png')).toEqual([whole[1]]);
  expect(of('two', 'one')).toEqual(whole);
  expect(() => of('two', 'three.png')).toThrow('list.txt: names three.png, which');
});
