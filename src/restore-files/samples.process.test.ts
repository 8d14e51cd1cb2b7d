import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testEngine } from '../engine/testing/runners.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { decodeImage } from '../images/decode.js';
import { quantise } from '../images/raster.js';
import { writeRichImage } from '../images/testing/image-files.js';
import { packFolder } from '../models/testing/pack-folder.js';
import { waves } from '../restoration/testing/images.js';
import { ParameterError } from '../utils/errors.js';
import { restoreFile, restoreImage } from './restore.js';
import { resultPaths, WHITE_DEVIATION } from './samples.js';

const folder = await temporaryFolder();
const engine = testEngine();
const call = { pack: await packFolder(folder), engine, threads: 1, tau: 9, steps: 1, seed: 5 };
const input = join(folder, 'rich.png');
await writeRichImage(input, 31, 33);

test('files are named after the result', () => {
  expect(resultPaths('a/b.tif', {})).toEqual({ image: 'a/b.tif', samples: [] });
  const samples = ['a/b-s0.tif', 'a/b-s1.tif'];
  expect(resultPaths('a/b.tif', { samples: 2 })).toEqual({ samples });
  expect(resultPaths('a/b.tif', { samples: 2, mean: 9 })).toEqual({
    ...{ image: 'a/b.tif', samples },
    uncertainty: 'a/b-uncertainty.png',
  });
});

test('samples are the results of their seeds, the mean and deviation are theirs', async () => {
  const image = waves(9, 7);
  const made = await restoreImage(image, { ...call, samples: 2, mean: 3 });
  const singles = [];
  for (const seed of [5, 6, 7])
    singles.push((await restoreImage(image, { ...call, seed })).image.data);
  expect(made.samples!.map(({ data }) => data)).toEqual(singles.slice(0, 2));
  expect(made.deviation!.shape).toEqual([1, 36, 28]);
  const area = 36 * 28;
  for (let place = 0; place < area; place += 97) {
    let variance = 0;
    for (const plane of [0, area, 2 * area]) {
      const values = singles.map((data) => data[plane + place]!);
      const mean = (values[0]! + values[1]! + values[2]!) / 3;
      expect(made.image.data[plane + place]).toBeCloseTo(mean, 6);
      for (const value of values) variance += (value - mean) ** 2 / 2 / 3;
    }
    expect(made.deviation!.data[place]).toBeCloseTo(Math.sqrt(variance), 5);
  }
  expect(made.uncertainty).toMatchObject({ of: 3, white: WHITE_DEVIATION });
  expect(made.uncertainty!.maximum).toBeGreaterThan(made.uncertainty!.mean);
  expect(made.restored.data).not.toEqual(made.image.data);
});

test('files of samples have the bytes of runs by themselves; the rest keeps what a result keeps', async () => {
  const output = join(folder, 'many', 'rich.png');
  await mkdir(join(folder, 'many'));
  const facts = await restoreFile(input, output, { ...call, samples: 2, mean: 2 });
  const names = ['rich-s0.png', 'rich-s1.png', 'rich-uncertainty.png', 'rich.png'];
  expect((await readdir(join(folder, 'many'))).sort()).toEqual(names);
  const pixels: Float32Array[] = [];
  for (const sample of [0, 1]) {
    const single = join(folder, `single-${sample}.png`);
    await restoreFile(input, single, { ...call, seed: 5 + sample });
    const own = join(folder, 'many', `rich-s${sample}.png`);
    expect(await readFile(own)).toEqual(await readFile(single));
    pixels.push((await decodeImage(own)).tensor.data);
  }
  const mean = await decodeImage(output);
  expect(mean).toMatchObject({ bitDepth: 16, grey: false });
  expect(mean.alpha).toBeDefined();
  const [first, second] = pixels;
  for (let place = 0; place < first!.length; place += 101)
    expect(mean.tensor.data[place]).toBeCloseTo((first![place]! + second![place]!) / 2, 4);
  const uncertainty = await decodeImage(join(folder, 'many', 'rich-uncertainty.png'));
  expect(uncertainty).toMatchObject({ bitDepth: 16, grey: true });
  const largest = Math.max(...uncertainty.tensor.data);
  expect(largest * WHITE_DEVIATION).toBeCloseTo(facts.uncertainty!.maximum, 4);
});

test('a mean in regions has the pixels of the regions of its samples', async () => {
  const regions = { ...call, region: 110, samples: 2, mean: 2 };
  const output = join(folder, 'regions.png');
  await restoreFile(input, output, regions);
  const single = join(folder, 'region.png');
  await restoreFile(input, single, { ...call, region: 110, seed: 6 });
  const [own, other] = await Promise.all([
    decodeImage(join(folder, 'regions-s1.png')),
    decodeImage(single),
  ]);
  expect(quantise([own.tensor], 16)).toEqual(quantise([other.tensor], 16));
});

test.each([
  [{ samples: 0 }, 'samples: expected an integer from 1 to 10000'],
  [{ mean: 1 }, 'mean: expected an integer from 2 to 10000'],
  [{ samples: 2, reportTiling: true }, 'reportTiling: expected one result only'],
])('%o is refused', async (wrong, message) => {
  const restoring = restoreImage(waves(4, 4), { ...call, ...wrong });
  await expect(restoring).rejects.toThrow(ParameterError);
  await expect(restoring).rejects.toThrow(message);
});
