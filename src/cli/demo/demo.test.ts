import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { decodeImage } from '../../images/decode.js';
import { writeImage } from '../../images/encode.js';
import { psnr } from '../../metrics/psnr.js';
import type { RestoreCall, restoreImage } from '../../restore-files/restore.js';
import { normalAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { InputError, ModelError, OutputError } from '../../utils/errors.js';
import { runDemo } from './demo.js';

/** Restores by interpolation, and adds noise to be told from it. */
function restorer(seen: { image: Tensor; call: RestoreCall }[] = []): typeof restoreImage {
  return async (image, call = {}) => {
    seen.push({ image, call });
    const restored = resizeBicubic(image, { scale: 4 });
    const noisy = restored.data.map((value, index) => value + 0.05 * normalAt(1, 1, index));
    return {
      image: tensor(restored.shape, noisy),
      restored,
      pack: 'interpolation',
      task: 'sr4',
      seed: call.seed ?? 0,
      width: restored.shape[2]!,
      height: restored.shape[1]!,
      settings: {
        tau: 20,
        steps: 5,
        start: 'accelerated',
        sampler: 'ddim',
        eta: 0,
        variance: 'large',
        noiseLevel: 'tracked',
      },
      result: { consistency: 'none', detail: 1 },
      beyondTraining: false,
      nfe: 6,
      tile: 512,
      tiles: 1,
      restorerTiles: 1,
      regions: { count: 1, exact: true },
      macs: 0,
      roughMacs: false,
      device: { requested: 'cpu', effective: 'cpu', threads: 2, runtime: 'none' },
      seconds: 1.25,
    };
  };
}

/** Element by element, which the test library does a hundred times slower. */
function isSame(first: Tensor, second: Tensor): boolean {
  return (
    String(first.shape) === String(second.shape) &&
    first.data.every((value, index) => value === second.data[index])
  );
}

/** The reduction by 4 as an 8-bit file holds it. */
function reduceByFour(target: Tensor): Tensor {
  const { shape, data } = resizeBicubic(target, { scale: 0.25 });
  const byte = (value: number) => Math.floor(Math.min(1, Math.max(0, value)) * 255 + 0.5);
  return tensor(
    shape,
    data.map((value) => byte(value) / 255),
  );
}

async function saved(folder: string, height: number, width: number): Promise<string> {
  const image = tensor([3, height, width]);
  for (let at = 0; at < image.data.length; at++) image.data[at] = (at % 17) / 16;
  const path = join(folder, 'photo.png');
  await writeImage(path, { tensor: image, bitDepth: 8 });
  return path;
}

test('without an image the shipped photograph is reduced, restored, measured and shown', async () => {
  const output = join(await temporaryFolder(), 'deep', 'out');
  const seen: { image: Tensor; call: RestoreCall }[] = [];
  const report = await runDemo({ output, pack: 'sr4', seed: 7, steps: 5 }, restorer(seen));

  const target = (await decodeImage(join(output, 'target.png'))).tensor;
  expect(target.shape).toEqual([3, 300, 448]);
  expect(seen).toHaveLength(1);
  expect(isSame(seen[0]!.image, reduceByFour(target))).toBe(true);
  expect(seen[0]!.call).toEqual({ pack: 'sr4', seed: 7, steps: 5 });

  const names = ['input', 'bicubic', 'restorer', 'dp-ir', 'target'];
  expect(report.versions.map(({ name }) => name)).toEqual(names);
  expect((await readdir(output)).sort()).toEqual(
    ['index.html', ...names.map((name) => `${name}.png`)].sort(),
  );

  const [input, bicubic, network, sample, own] = report.versions.map(({ measures }) => measures);
  expect([input, own]).toEqual([undefined, undefined]);
  expect(network).toEqual(bicubic);
  const file = await decodeImage(join(output, 'dp-ir.png'));
  const expected = psnr.open({ colourSpace: 'luma', border: 4 }).measure(file.tensor, target);
  expect(sample!.psnr).toBe(expected);
  expect(sample!.psnr).toBeLessThan(bicubic!.psnr);
  expect(sample!.logSpectral).toBeLessThan(bicubic!.logSpectral);

  const html = await readFile(report.page, 'utf8');
  for (const { file: path } of report.versions)
    expect(html.includes((await readFile(path)).toString('base64'))).toBe(true);
  expect(html.includes(`<td>${bicubic!.psnr.toFixed(2)}</td>`)).toBe(true);
  for (const fact of ['interpolation', '112 × 75 to 448 × 300 pixels', '1.3 s in 1 tile', '>7<'])
    expect(html.includes(fact)).toBe(true);
});

test('a small photograph is enlarged, and nothing is measured', async () => {
  const folder = await temporaryFolder();
  const image = await saved(folder, 30, 45);
  const seen: { image: Tensor; call: RestoreCall }[] = [];
  const report = await runDemo({ image, output: join(folder, 'out') }, restorer(seen));
  expect(seen[0]!.image.shape).toEqual([3, 30, 45]);
  expect(report.versions.map(({ name }) => name)).toEqual([
    'input',
    'bicubic',
    'restorer',
    'dp-ir',
  ]);
  expect(report.versions.every(({ measures }) => measures === undefined)).toBe(true);
  expect(report.history.join(' ')).toContain('no target is known');
  expect(await readFile(report.page, 'utf8')).not.toContain('<table class="measures">');
});

test('a larger photograph is cropped to be the target, and the page says so', async () => {
  const folder = await temporaryFolder();
  const image = await saved(folder, 66, 403);
  const seen: { image: Tensor; call: RestoreCall }[] = [];
  const report = await runDemo({ image, output: join(folder, 'out') }, restorer(seen));
  const original = (await decodeImage(image)).tensor;
  const target = (await decodeImage(join(folder, 'out', 'target.png'))).tensor;
  expect(target.shape).toEqual([3, 64, 400]);
  for (const [channel, y, x] of [
    [0, 0, 0],
    [1, 63, 399],
    [2, 17, 200],
  ] as const)
    expect(target.data[(channel * 64 + y) * 400 + x]).toBe(
      original.data[(channel * 66 + y) * 403 + x],
    );
  expect(isSame(seen[0]!.image, reduceByFour(target))).toBe(true);
  expect(report.versions.at(-1)!.name).toBe('target');
  const html = await readFile(report.page, 'utf8');
  expect(html).toContain('It was cropped to 400 × 64 pixels');
});

test('a very large photograph is reduced first, and the page says so', async () => {
  const folder = await temporaryFolder();
  const image = await saved(folder, 180, 2048);
  const report = await runDemo({ image, output: join(folder, 'out') }, restorer());
  const target = (await decodeImage(join(folder, 'out', 'target.png'))).tensor;
  expect(target.shape).toEqual([3, 88, 1024]);
  expect(report.history.join(' ')).toMatch(/reduced to 1024 × 90 pixels.*cropped to 1024 × 88/);
});

test('failures are those of the image, the model or the folder, and leave nothing', async () => {
  const folder = await temporaryFolder();
  const output = join(folder, 'out');
  await expect(runDemo({ image: join(folder, 'no.png'), output }, restorer())).rejects.toThrow(
    InputError,
  );
  const noModel = async () => {
    throw new ModelError('sr4', 'is missing');
  };
  const image = await saved(folder, 16, 16);
  await expect(runDemo({ image, output }, noModel)).rejects.toThrow(ModelError);
  expect(await readdir(folder)).toEqual(['photo.png']);

  const doubling: typeof restoreImage = async (low) =>
    restorer()(resizeBicubic(low, { scale: 0.5 }));
  await expect(runDemo({ image, output }, doubling)).rejects.toThrow(/does not enlarge by 4/);
  expect(await readdir(folder)).toEqual(['photo.png']);

  await writeFile(output, 'a file');
  await expect(runDemo({ image, output }, restorer())).rejects.toThrow(OutputError);
  expect(await readFile(output, 'utf8')).toBe('a file');
});
