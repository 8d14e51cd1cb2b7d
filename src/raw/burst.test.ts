import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { InputError, LimitError, ParameterError } from '../utils/errors.js';
import { openBurst, type RawBurst } from './burst.js';
import type { RawMetadata } from './frame.js';
import { writeMosaic } from './mosaic-file.js';
import { countingMosaic, dngFile } from './testing/camera-files.js';
import { noiseFrame, writeSamples } from './testing/frames.js';

/** A folder of frames by name, each with its strength of detail and its description. */
async function folderOf(
  frames: Readonly<Record<string, { strength?: number; metadata?: Partial<RawMetadata> }>>,
): Promise<string> {
  const folder = await temporaryFolder();
  for (const [index, [name, options]] of Object.entries(frames).entries())
    await writeMosaic(join(folder, name), noiseFrame(index, options));
  return folder;
}

const namesOf = ({ frames }: RawBurst) => frames.map(({ name }) => basename(name));

test('a folder in order of its numbers, the sharpest frame first', async () => {
  const folder = await folderOf({
    'shot-10.png': { strength: 0.1 },
    'shot-2.png': { strength: 0.3 },
    'shot-1.png': { strength: 0.2 },
  });
  await writeFile(join(folder, 'notes.txt'), 'no frame');
  await writeFile(join(folder, '.hidden.png'), 'no frame');
  await mkdir(join(folder, 'old.png'));
  const burst = await openBurst([folder]);
  expect(namesOf(burst)).toEqual(['shot-2.png', 'shot-1.png', 'shot-10.png']);
  expect(burst.notes).toEqual([]);
});

test('an image without a description is skipped in a folder, and a note says so', async () => {
  const folder = await folderOf({ 'a.png': {} });
  await writeSamples(join(folder, 'preview.png'), new Uint16Array(16), { width: 4, height: 4 });
  const burst = await openBurst([folder]);
  expect(namesOf(burst)).toEqual(['a.png']);
  expect(burst.notes.join()).toMatch(/preview\.png.*skipped/);
});

test('files as listed and patterns, no file twice; the reference by place or name', async () => {
  const folder = await folderOf({ 'a1.png': {}, 'a2.png': {}, 'a12.png': {}, 'b1.png': {} });
  const at = (name: string) => join(folder, name);
  const listed = [at('b1.png'), at('a?.png'), at('a2.png')];
  expect(namesOf(await openBurst(listed, { reference: 0 }))).toEqual([
    'b1.png',
    'a1.png',
    'a2.png',
  ]);
  expect(namesOf(await openBurst(listed, { reference: 2 }))).toEqual([
    'a2.png',
    'b1.png',
    'a1.png',
  ]);
  for (const reference of ['a12', 'a12.png', at('a12.png')])
    expect(namesOf(await openBurst([at('*.png')], { reference }))).toEqual([
      'a12.png',
      'a1.png',
      'a2.png',
      'b1.png',
    ]);
  for (const reference of [4, -1, 0.5, 'a3', ''])
    await expect(openBurst([at('*.png')], { reference })).rejects.toThrow(ParameterError);
});

test('inputs that name nothing are refused by name', async () => {
  const folder = await temporaryFolder();
  await expect(openBurst([])).rejects.toThrow(ParameterError);
  await expect(openBurst([folder])).rejects.toThrow(InputError);
  for (const name of ['none.dng', '*.dng', 'none/*.dng'])
    await expect(openBurst([join(folder, name)])).rejects.toThrow(join(folder, name));
});

test('frames of another size are refused by name', async () => {
  const folder = await folderOf({ 'a.png': {} });
  const samples = new Uint16Array(12 * 18);
  await writeSamples(join(folder, 'b.png'), samples, { width: 18, height: 12 }, {});
  await expect(openBurst([folder])).rejects.toThrow(/b\.png: has 18 x 12 samples.*16 x 12/);
});

test('frames of other phases are cropped to the same phase and size, and said', async () => {
  const folder = await temporaryFolder();
  const samples = Uint16Array.from({ length: 10 * 8 }, (_, at) => 100 * at);
  for (const phase of ['RGGB', 'GRBG', 'GBRG', 'BGGR'])
    await writeSamples(join(folder, `${phase}.png`), samples, { width: 10, height: 8 }, { phase });
  const { frames, notes } = await openBurst([folder], { reference: 'RGGB' });
  for (const { packed, sensor } of frames) {
    expect(packed.shape).toEqual([4, 3, 4]);
    const red = sensor.phase.indexOf('R');
    const first = 10 * (red >> 1) + (red & 1);
    expect(packed.data[0]).toBe(Math.fround((100 * first) / 65535));
    expect(packed.data[1 * 4 + 2]).toBe(Math.fround((100 * (first + 20 + 4)) / 65535));
  }
  expect(notes.filter((note) => note.includes('cropped to the same phase'))).toHaveLength(3);
});

test('other exposures are brought to that of the reference, and said', async () => {
  const folder = await folderOf({
    'a.png': { metadata: { exposureSeconds: 0.01, iso: 100, aperture: 2 } },
    'b.png': { metadata: { exposureSeconds: 0.02, iso: 200, aperture: 2 } },
    'c.png': { metadata: { exposureSeconds: 0.01, iso: 100, aperture: 4 } },
    'd.png': { metadata: { exposureSeconds: 0.0101, iso: 100, aperture: 2 } },
  });
  const { frames, notes } = await openBurst([folder], { reference: 'a' });
  const scale = [1, 1 / 4, 4, 1];
  frames.forEach(({ packed }, index) => {
    noiseFrame(index).packed.data.forEach((value, at) => {
      expect(packed.data[at]).toBeCloseTo(Math.min(value * scale[index]!, 1), 6);
    });
  });
  expect(notes).toHaveLength(2);
  expect(notes[0]).toMatch(/b\.png: exposed 4 times/);
  expect(notes[1]).toMatch(/c\.png: exposed 0\.25 times/);
});

test('the sharpest frame is found at equal exposure', async () => {
  // Three times the light makes the same detail nine times as sharp by its variance.
  const folder = await folderOf({
    'bright.png': { strength: 0.2, metadata: { exposureSeconds: 0.03, iso: 100 } },
    'sharp.png': { strength: 0.15, metadata: { exposureSeconds: 0.01, iso: 100 } },
  });
  expect(namesOf(await openBurst([folder]))[0]).toBe('sharp.png');
});

test('exposures beyond a factor of 8 are refused by name', async () => {
  const frames = (seconds: number) => ({
    'a.png': { metadata: { exposureSeconds: 0.01, iso: 100 } },
    'b.png': { metadata: { exposureSeconds: seconds, iso: 100 } },
  });
  for (const seconds of [0.081, 0.00124])
    await expect(openBurst([await folderOf(frames(seconds))], { reference: 0 })).rejects.toThrow(
      /b\.png: its exposure/,
    );
  for (const seconds of [0.08, 0.00126])
    await openBurst([await folderOf(frames(seconds))], { reference: 0 });
});

test('where a file does not tell its exposure nothing is changed, and said', async () => {
  const folder = await folderOf({
    'a.png': { metadata: { exposureSeconds: 0.01, iso: 100 } },
    'b.png': {},
  });
  const { frames, notes } = await openBurst([folder], { reference: 'a' });
  expect(frames[1]!.packed).toEqual(noiseFrame(1).packed);
  expect(notes.join()).toMatch(/b\.png: exposure unknown/);
});

test('other cameras and ways up are said', async () => {
  const folder = await folderOf({
    'a.png': { metadata: { make: 'One', orientation: 1 } },
    'b.png': { metadata: { make: 'Two', orientation: 6 } },
  });
  const { notes } = await openBurst([folder], { reference: 'a' });
  expect(notes.join()).toMatch(/b\.png: taken by Two, the reference by One/);
  expect(notes.join()).toMatch(/b\.png: held another way up/);
});

test('more frames than the limit are refused before any is read', async () => {
  const folder = await temporaryFolder();
  for (const name of ['a', 'b', 'c']) await writeFile(join(folder, `${name}.dng`), 'no frame');
  await expect(openBurst([folder], { maxFrames: 2 })).rejects.toThrow(LimitError);
  await expect(openBurst([folder], { maxFrames: 0 })).rejects.toThrow(ParameterError);
});

test('a burst of DNG files through one decoder; a damaged one is named', async () => {
  const folder = await temporaryFolder();
  const frame = (first: number, options: object) =>
    dngFile(countingMosaic(48, 32, first, 1), { black: [500], white: 4500, ...options });
  await writeFile(join(folder, 'a.dng'), frame(600, { exposure: 0.01 }));
  await writeFile(join(folder, 'b.dng'), frame(700, { exposure: 0.02, phase: 'BGGR' }));
  const { frames, notes } = await openBurst([folder], { reference: 'a' });
  expect(frames.map(({ packed }) => packed.shape)).toEqual([
    [4, 15, 23],
    [4, 15, 23],
  ]);
  expect(frames[0]!.packed.data[0]).toBe(Math.fround(100 / 4000));
  expect(frames[1]!.packed.data[0]).toBeCloseTo((200 + 49) / 4000 / 2, 6);
  expect(notes).toHaveLength(2);
  await writeFile(join(folder, 'c.dng'), frame(600, {}).subarray(0, 900));
  await expect(openBurst([folder])).rejects.toThrow(/c\.dng/);
});
