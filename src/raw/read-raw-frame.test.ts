import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { InputError, LimitError } from '../tensor/errors.js';
import type { RawLimits } from './frame.js';
import { openRawDecoder } from './libraw/raw-decoder.js';
import { readFrameWith, readRawFrame } from './read-raw-frame.js';
import { countingMosaic, dngFile } from './testing/dng.js';

const decoder = openRawDecoder();
afterAll(() => decoder.close());
const read = (path: string, limits?: RawLimits) => readFrameWith(decoder, path, limits);

test('two compressed tiles side by side: all columns but the last two, and said', async () => {
  const path = join(await temporaryFolder(), 'a.dng');
  const mosaic = countingMosaic(64, 32);
  for (const activeArea of [undefined, [0, 0, 32, 64]]) {
    const area = activeArea && { activeArea };
    await writeFile(path, dngFile(mosaic, { compressed: true, tile: 32, ...area }));
    const { packed, notes } = await read(path);
    expect(packed.shape).toEqual([4, 16, 31]);
    packed.data.forEach((value, at) => {
      const plane = Math.floor(at / (16 * 31));
      const y = 2 * (Math.floor(at / 31) % 16) + (plane >> 1);
      const x = 2 * (at % 31) + (plane & 1);
      expect(value).toBe(Math.fround(mosaic.samples[64 * y + x]! / 65535));
    });
    expect(notes.join()).toMatch(/last two columns/);
  }
});

test('a camera file by its content, whatever its name; a text is none', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.raw'), dngFile(countingMosaic(48, 32)));
  expect((await readRawFrame(join(folder, 'a.raw'))).packed.shape).toEqual([4, 16, 24]);
  await writeFile(join(folder, 'b.dng'), 'no picture '.repeat(100));
  await expect(read(join(folder, 'b.dng'))).rejects.toThrow(InputError);
  await expect(read(folder)).rejects.toThrow(/folder/);
  await expect(read(join(folder, 'c.dng'))).rejects.toThrow(/does not exist/);
});

test('bytes and samples are limited', async () => {
  const path = join(await temporaryFolder(), 'a.dng');
  const bytes = dngFile(countingMosaic(48, 32));
  await writeFile(path, bytes);
  await expect(read(path, { maxBytes: bytes.length - 1 })).rejects.toThrow(LimitError);
  await expect(read(path, { maxPixels: 48 * 32 - 1 })).rejects.toThrow(LimitError);
  await read(path, { maxBytes: bytes.length, maxPixels: 48 * 32 });
});
