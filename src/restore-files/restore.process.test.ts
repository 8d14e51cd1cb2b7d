import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { testEngine, testRunner } from '../engine/testing/runners.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { decodeImage } from '../images/decode.js';
import { quantise } from '../images/raster.js';
import { writeRichImage, writeTestImage } from '../images/testing/image-files.js';
import { loadPack } from '../models/packs.js';
import { packFolder } from '../models/testing/pack-folder.js';
import { restoreImage as restoreHere } from '../restoration/index.js';
import { largestDifference, waves } from '../restoration/testing/images.js';
import { tensor } from '../tensor/tensor.js';
import {
  CancelledError,
  InputError,
  LimitError,
  ModelError,
  OutputError,
  ParameterError,
} from '../utils/errors.js';
import { enlargeAlpha } from './alpha.js';
import { restoreFile, restoreImage } from './restore.js';

const folder = await temporaryFolder();
const results = join(folder, 'results');
await mkdir(results);
const pack = await packFolder(folder);
const engine = testEngine();
const runner = await testRunner();

const rich = join(folder, 'rich.png');
await writeRichImage(rich, 31, 33);
const plain = join(folder, 'plain.png');
await writeTestImage(plain, 12, 9);
const call = { pack, engine, threads: 1 };

test('pixels restored in an engine process are those restored here', async () => {
  const image = waves(11, 14);
  const settings = { tau: 7, steps: 2, eta: 0.5, seed: 4 };
  const there = await restoreImage(image, { ...call, ...settings });
  const here = await restoreHere(image, await loadPack(pack), runner, settings);
  expect(largestDifference(there.image, here.image)).toBe(0);
  expect(largestDifference(there.restored, here.restored)).toBe(0);
  expect(there).toMatchObject({
    pack: 'made-up',
    seed: 4,
    width: 56,
    height: 44,
    nfe: 3,
    tile: 1024,
    tiles: 1,
    macs: here.macs,
    beyondTraining: false,
    settings: here.settings,
    device: { requested: 'cpu', effective: 'cpu', threads: 1 },
  });
});

test('a file keeps depth, alpha, profile and EXIF, and tiles are compared with the whole', async () => {
  const output = join(results, 'rich.png');
  const facts = await restoreFile(rich, output, { ...call, tile: 124, reportTiling: true });
  expect(facts.tiles).toBeGreaterThan(1);
  expect(facts.tiling).toEqual({ maximum: 0, rms: 0 });

  const before = await decodeImage(rich);
  const after = await decodeImage(output);
  expect(after.bitDepth).toBe(16);
  expect(after.icc).toEqual(before.icc);
  expect(after.icc!.length).toBeGreaterThan(100);
  expect(Buffer.from(after.exif!).includes('nobody')).toBe(true);
  const expected = await restoreHere(before.tensor, await loadPack(pack), runner);
  expect(quantise([after.tensor], 16)).toEqual(quantise([expected.image], 16));
  const alpha = enlargeAlpha(before.alpha!, 4);
  expect(quantise([after.alpha!], 16)).toEqual(quantise([alpha], 16));
  await rm(output);
});

test.each(['png', 'tif'])(
  'a %s that is written row by row keeps all of that',
  async (extension) => {
    const output = join(results, `rich.${extension}`);
    const facts = await restoreFile(rich, output, { ...call, region: 110 });
    expect(facts.regions).toEqual({ count: 4, exact: false });
    const before = await decodeImage(rich);
    const after = await decodeImage(output);
    expect(after.bitDepth).toBe(16);
    expect(after.icc).toEqual(before.icc);
    const expected = await restoreHere(before.tensor, await loadPack(pack), runner, {
      region: 110,
    });
    expect(quantise([after.tensor], 16)).toEqual(quantise([expected.image], 16));
    const alpha = enlargeAlpha(before.alpha!, 4);
    expect(quantise([after.alpha!], 16)).toEqual(quantise([alpha], 16));
    await rm(output);
  },
);

test('grey stays grey', async () => {
  const grey = join(folder, 'grey.png');
  await sharp(plain).greyscale().toColourspace('b-w').png().toFile(grey);
  const output = join(results, 'grey.png');
  await restoreFile(grey, output, call);
  expect((await decodeImage(output)).grey).toBe(true);
  await rm(output);
});

const unwritable: [string, string, string, new (...all: never[]) => Error, string][] = [
  ['a format of no name', plain, join(results, 'a.xyz'), ParameterError, 'output: expected a name'],
  ['16 bits as JPEG', rich, join(results, 'a.jpg'), ParameterError, 'png or tiff for 16 bits'],
  ['a folder that is missing', plain, join(folder, 'no', 'a.png'), OutputError, 'does not exist'],
  [
    'an image that is missing',
    join(folder, 'no.png'),
    join(results, 'a.png'),
    InputError,
    'no.png',
  ],
  [
    'weights as an image',
    join(pack, 'fusion.safetensors'),
    join(results, 'a.png'),
    InputError,
    'fusion',
  ],
];

test.each(unwritable)('%s is refused before any work', async (_, input, output, kind, message) => {
  let heard = 0;
  const restoring = restoreFile(input, output, { ...call, onProgress: () => (heard += 1) });
  await expect(restoring).rejects.toThrow(kind);
  await expect(restoring).rejects.toThrow(message);
  expect(heard).toBe(0);
  expect(await readdir(results)).toEqual([]);
});

test('results beyond the limit are refused, files by their header', async () => {
  const limited = { ...call, maxPixels: 12 * 9 * 16 - 1 };
  await expect(restoreFile(plain, join(results, 'a.png'), limited)).rejects.toThrow(LimitError);
  await expect(restoreImage(waves(9, 12), limited)).rejects.toThrow(LimitError);
  await expect(restoreImage(waves(9, 12), limited)).rejects.toThrow('48 x 36 pixels');
  const enough = await restoreImage(waves(9, 12), { ...limited, maxPixels: 12 * 9 * 16 });
  expect(enough.width).toBe(48);
});

test('an image of no shape, settings and packs that are wrong have their errors', async () => {
  await expect(restoreImage(tensor([4]), call)).rejects.toThrow(ParameterError);
  await expect(restoreImage(waves(4, 4), { ...call, tau: 251 })).rejects.toThrow('at most 250');
  const none = restoreImage(waves(4, 4), { ...call, pack: join(folder, 'none') });
  await expect(none).rejects.toThrow(ModelError);
});

test('cancelling between tiles leaves no file and the engine ready', async () => {
  const abort = new AbortController();
  const restoring = restoreFile(rich, join(results, 'a.png'), {
    ...call,
    tile: 124,
    steps: 5,
    signal: abort.signal,
    onProgress: ({ done }) => done > 0 && abort.abort(),
  });
  await expect(restoring).rejects.toThrow(CancelledError);
  expect(await readdir(results)).toEqual([]);
  await expect(restoreImage(waves(2, 2), call)).resolves.toMatchObject({ width: 8 });
});
