import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { drawShake, synthesiseBurst } from '../degradation/burst.js';
import { createDegradation } from '../degradation/create-degradation.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { decodeImage } from '../images/decode.js';
import type { Tensor } from '../tensor/tensor.js';
import { CancelledError, InputError, OutputError, ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { openStoredBurst } from './bursts/stored-burst.js';
import { checkDataset } from './check-dataset.js';
import { listImages } from './list-folder.js';
import { type MakeDatasetOptions, makeDataset } from './make-dataset.js';
import { openDataset } from './open-dataset.js';
import { writeTestImage, writeText } from './testing/files.js';

let photographs: string;
beforeAll(async () => {
  photographs = await temporaryFolder();
  await writeTestImage(join(photographs, '9.png'), { width: 121, height: 106 });
  await writeTestImage(join(photographs, '10.png'), { width: 112, height: 113 });
});

const noise = { kind: 'noise', sigma: 0.1 };
const bicubic = { kind: 'bicubic', scale: 4 };

async function make(options: Partial<MakeDatasetOptions>): Promise<string> {
  const folder = join(await temporaryFolder(), 'made');
  await makeDataset({ photographs, output: folder, degradation: noise, seed: 5, ...options });
  return folder;
}

function expectSame(read: Tensor, made: Tensor): void {
  expect(read.shape).toEqual(made.shape);
  const furthest = read.data.reduce(
    (most, value, at) => Math.max(most, Math.abs(value - Math.min(Math.max(made.data[at]!, 0), 1))),
    0,
  );
  expect(furthest).toBeLessThan(2 ** -16);
}

async function bytesOf(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const file of await listImages(folder))
    files.set(file, (await readFile(join(folder, file))).toString('base64'));
  return files;
}

test('pairs are the degradation of the images, to 1/65536', async () => {
  const folder = await make({ count: 3 });
  const dataset = await openDataset(folder);
  expect(dataset).toMatchObject({ layout: 'pairs', scale: 1 });
  expect(dataset.items.map(({ name }) => name)).toEqual(['0000', '0001', '0002']);
  const degradation = createDegradation(noise);
  for (const [index, name] of ['9.png', '10.png', '9.png'].entries()) {
    const { tensor: image } = await decodeImage(join(photographs, name));
    const { inputs, target } = dataset.items[index]!;
    expectSame((await decodeImage(target!)).tensor, image);
    const input = await decodeImage(inputs[0]!);
    expect(input.bitDepth).toBe(16);
    expectSame(input.tensor, degradation.apply(image, { seed: 5, index }));
  }
  expect(await readdir(folder)).toEqual(['dataset.json', 'input', 'target']);
  expect(JSON.parse(await readFile(join(folder, 'dataset.json'), 'utf8'))).toEqual({
    ...{ layout: 'pairs', count: 3, seed: 5, degradation: noise, size: null },
    images: ['9.png', '10.png'],
  });
});

test('a made set passes its own check', async () => {
  for (const options of [
    { degradation: bicubic },
    { degradation: bicubic, size: 32, count: 5, bitDepth: 8 },
    { layout: 'gopro', count: 2 },
    { degradation: 'burst', frames: 2, count: 3 },
  ] as const) {
    const dataset = await openDataset(await make(options), { split: 'all' });
    const { problems } = await checkDataset(dataset, { full: true });
    expect(problems).toEqual([]);
  }
});

test('sides that the scale does not divide are cut', async () => {
  const dataset = await openDataset(await make({ degradation: bicubic }));
  expect(dataset.scale).toBe(4);
  const target = await decodeImage(dataset.items[0]!.target!);
  expect(target.tensor.shape).toEqual([3, 104, 120]);
});

test('in the layout of GoPro the pairs are one sequence of the test split', async () => {
  const folder = await make({ layout: 'gopro' });
  const dataset = await openDataset(folder, { split: 'test' });
  expect(dataset.layout).toBe('gopro');
  expect(relative(folder, dataset.items[1]!.inputs[0]!)).toBe('test/synthetic/blur/0001.png');
});

test('a crop looks as if it were cut from the degraded image', async () => {
  const dataset = await openDataset(await make({ degradation: bicubic, size: 32, count: 6 }));
  const places = new Set<string>();
  for (const [index, { inputs, target }] of dataset.items.entries()) {
    const { tensor: image } = await decodeImage(join(photographs, ['9.png', '10.png'][index % 2]!));
    const whole = createDegradation(bicubic).apply(image, { seed: 5, index });
    const place = findPart(image, (await decodeImage(target!)).tensor)!;
    expect(place.map((side) => side % 4)).toEqual([0, 0]);
    places.add(`${place}`);
    const input = (await decodeImage(inputs[0]!)).tensor;
    expect(findPart(whole, input)).toEqual(place.map((side) => side / 4));
  }
  expect(places.size).toBeGreaterThan(2);
});

/** Where a part lies in an image. */
function findPart(image: Tensor, part: Tensor): [top: number, left: number] | undefined {
  const [channels = 0, height = 0, width = 0] = image.shape;
  const [, rows = 0, columns = 0] = part.shape;
  const fits = (top: number, left: number) =>
    part.data.every((value, at) => {
      const y = top + (Math.floor(at / columns) % rows);
      const x = left + (at % columns);
      const channel = Math.floor(at / (rows * columns));
      return Math.abs(image.data[(channel * height + y) * width + x]! - value) < 2 ** -16;
    });
  for (let top = 0; channels === 3 && top + rows <= height; top++)
    for (let left = 0; left + columns <= width; left++) if (fits(top, left)) return [top, left];
  return undefined;
}

test('bursts are read back as they were made, with camera, noise and truth', async () => {
  const folder = await make({ degradation: 'burst', frames: 3, count: 2 });
  const dataset = await openDataset(folder);
  expect(dataset).toMatchObject({ layout: 'synthetic-burst', task: 'burst', scale: 4 });
  for (const [index, name] of ['9.png', '10.png'].entries()) {
    const { tensor: image } = await decodeImage(join(photographs, name));
    const settings = { seed: 5 + index, frames: 3 };
    const made = synthesiseBurst(image, settings);
    const read = await openStoredBurst(dataset.items[index]!);
    expect(read.length).toBe(3);
    expect({ camera: read.camera, noise: read.noise }).toEqual({
      ...{ camera: made.camera, noise: made.noise },
    });
    let frame = 0;
    for await (const raw of read) expectSame(raw, made.frame(frame++).raw);
    expectSame((await read.truth())!, made.truth());
    const facts = JSON.parse(await readFile(dataset.items[index]!.metadata!, 'utf8'));
    expect(facts.made).toMatchObject({ image: name, size: image.shape.slice(1) });
    expect(facts.made.shake[2]).toEqual(drawShake(settings, 2));
  }
});

test('a burst of a given size has a truth of that size', async () => {
  const dataset = await openDataset(await make({ degradation: 'burst', frames: 2, size: 48 }));
  const burst = await openStoredBurst(dataset.items[0]!);
  expect((await burst.frame(1)).shape).toEqual([4, 6, 6]);
  expect((await burst.truth())!.shape).toEqual([3, 48, 48]);
  await expect(burst.frame(2)).rejects.toThrow(withSubject('index'));
});

test('the same options make the same bytes, another seed makes others', async () => {
  for (const degradation of [noise, 'burst']) {
    const options = { degradation, size: 48, frames: 2 };
    const first = await bytesOf(await make(options));
    expect(await bytesOf(await make(options))).toEqual(first);
    const other = await bytesOf(await make({ ...options, seed: 6 }));
    expect([...other.keys()]).toEqual([...first.keys()]);
    expect(other).not.toEqual(first);
  }
});

test('a longer set begins like a shorter one', async () => {
  const short = await bytesOf(await make({ count: 1 }));
  const long = await bytesOf(await make({ count: 3 }));
  for (const [file, bytes] of short) expect(long.get(file)).toBe(bytes);
});

test.each([
  [{ degradation: { kind: 'fog' } }, /degradation.kind/],
  [{ degradation: { kind: 'downscale', scale: 2.5 } }, /a whole scale/],
  [{ degradation: 'burst', layout: 'pairs' }, /layout: expected synthetic-burst/],
  [{ layout: 'synthetic-burst' }, /layout: expected pairs or gopro/],
  [{ count: 0 }, /count/],
  [{ seed: -1 }, /seed/],
  [{ frames: 0 }, /frames/],
  [{ degradation: bicubic, size: 30 }, /size: expected a multiple of 4/],
  [{ degradation: 'burst', size: 50 }, /size: expected a multiple of 8/],
] as const)('%j is refused before anything is written', async (wrong, message) => {
  const output = join(await temporaryFolder(), 'made');
  const options = { photographs, output, degradation: noise, seed: 0, ...wrong };
  await expect(makeDataset(options)).rejects.toThrow(ParameterError);
  await expect(makeDataset(options)).rejects.toThrow(message);
  await expect(readdir(output)).rejects.toThrow();
});

test('a folder that holds something, or cannot be made, is refused', async () => {
  const output = await temporaryFolder();
  const file = await writeText(join(output, 'precious.txt'), 'mine');
  await expect(make({ output })).rejects.toThrow(withSubject('output'));
  await expect(make({ output: join(file, 'made') })).rejects.toThrow(OutputError);
  expect(await readdir(output)).toEqual(['precious.txt']);
});

test('images that are too small are refused by name', async () => {
  await expect(make({ size: 109 })).rejects.toThrow(InputError);
  await expect(make({ size: 109 })).rejects.toThrow(
    `${join(photographs, '9.png')}: is 121 x 106 pixels`,
  );
  await expect(make({ size: 80, degradation: 'burst' })).rejects.toThrow(/at least 128 x 128/);
});

test('work that is stopped leaves no dataset.json', async () => {
  const stop = new AbortController();
  const output = join(await temporaryFolder(), 'made');
  const onProgress = () => stop.abort();
  const stopped = make({ ...{ output, count: 9, signal: stop.signal, onProgress } });
  await expect(stopped).rejects.toThrow(CancelledError);
  expect(await listImages(output)).toEqual(['input/0000.png', 'target/0000.png']);
  expect(await readdir(output)).not.toContain('dataset.json');
});
