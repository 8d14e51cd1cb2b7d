import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { tensor } from '../tensor/tensor.js';
import { InputError, LimitError, OutputError, ParameterError } from '../utils/errors.js';
import { writeMosaic } from './mosaic-file.js';
import { readRawFrame } from './read-raw-frame.js';
import { noiseFrame, writeSamples } from './testing/frames.js';

const counted = (length: number) => Uint16Array.from({ length }, (_, at) => 1000 + 13 * at);

test.each([65535, 16383, 3000])(
  'a frame in steps of 1 / %i comes back bit for bit',
  async (white) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'frame.png');
    const frame = noiseFrame(1, {
      white,
      metadata: {
        camera: {
          gains: { rgb: 1.25, red: 2.0625, blue: 1.6 },
          cameraToRgb: [1.7, -0.5, -0.2, -0.25, 1.6, -0.35, 0.02, -0.45, 1.43],
          rgbToCamera: [0.6, 0.3, 0.1, 0.1, 0.7, 0.2, 0, 0.2, 0.8],
        },
        orientation: 6,
        exposureSeconds: 0.0125,
        iso: 320,
        aperture: 1.8,
        make: 'Maker',
        model: 'Model X',
      },
    });
    await writeMosaic(path, frame, { white });
    expect(await readRawFrame(path)).toEqual({ ...frame, name: path });
    expect((await readdir(folder)).sort()).toEqual(['frame.json', 'frame.png']);
  },
);

test('values out of range are cut off, and what is no number is not written', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'frame.png');
  const frame = { ...noiseFrame(1), packed: tensor([4, 2, 2], new Array(16).fill(0.5)) };
  frame.packed.data.set([-1, 7]);
  await writeMosaic(path, frame);
  const { data } = (await readRawFrame(path)).packed;
  expect([...data.slice(0, 2)]).toEqual([0, 1]);
  frame.packed.data[3] = Number.NaN;
  await expect(writeMosaic(join(folder, 'b.png'), frame)).rejects.toThrow(ParameterError);
  await expect(writeMosaic(join(folder, 'b.tif'), frame)).rejects.toThrow(/png/);
  await expect(writeMosaic(join(folder, 'b.png'), noiseFrame(1), { white: 0 })).rejects.toThrow(
    /white/,
  );
  await expect(writeMosaic(join(folder, 'none', 'b.png'), noiseFrame(1))).rejects.toThrow(
    OutputError,
  );
  expect((await readdir(folder)).sort()).toEqual(['frame.json', 'frame.png']);
});

test.each([
  ['RGGB', 0, 0],
  ['GRBG', 0, 1],
  ['GBRG', 1, 0],
  ['BGGR', 1, 1],
])('a mosaic of phase %s, in PNG and TIFF', async (phase, down, right) => {
  const folder = await temporaryFolder();
  const samples = counted(9 * 7);
  const black = [100, 200, 300, 400];
  const white = [2000, 2100, 2200, 1900];
  for (const name of ['frame.png', 'frame.tif']) {
    const path = join(folder, name);
    await writeSamples(path, samples, { width: 9, height: 7 }, { black, white, phase });
    const { packed, sensor } = await readRawFrame(path);
    const rows = (7 - down) >> 1;
    const columns = (9 - right) >> 1;
    expect(packed.shape).toEqual([4, rows, columns]);
    expect(sensor).toEqual({ width: 9, height: 7, phase });
    packed.data.forEach((value, at) => {
      const plane = Math.floor(at / (rows * columns));
      const y = down + 2 * (Math.floor(at / columns) % rows) + (plane >> 1);
      const x = right + 2 * (at % columns) + (plane & 1);
      const cell = 2 * (y & 1) + (x & 1);
      const level = (samples[y * 9 + x]! - black[cell]!) / (white[cell]! - black[cell]!);
      expect(value).toBe(Math.fround(Math.min(Math.max(level, 0), 1)));
    });
  }
});

test('four channels are the four places of a cell', async () => {
  const folder = await temporaryFolder();
  const samples = counted(4 * 3 * 5);
  // A fourth channel of zero must not empty the others, as an alpha channel may.
  samples[3] = 0;
  for (const name of ['frame.png', 'frame.tiff']) {
    const path = join(folder, name);
    await writeSamples(path, samples, { width: 5, height: 3, channels: 4 }, {});
    const { packed } = await readRawFrame(path);
    expect(packed.shape).toEqual([4, 3, 5]);
    packed.data.forEach((value, at) => {
      expect(value).toBe(Math.fround(samples[4 * (at % 15) + Math.floor(at / 15)]! / 65535));
    });
  }
});

test('one matrix of the two is enough', async () => {
  const path = join(await temporaryFolder(), 'frame.png');
  const size = { width: 4, height: 4 };
  await writeSamples(path, counted(16), size, { cameraToRgb: [2, 0, 0, 0, 4, 0, 0, 0, 1] });
  const { camera } = (await readRawFrame(path)).metadata;
  expect(camera.rgbToCamera).toEqual([0.5, 0, 0, 0, 0.25, 0, 0, 0, 1]);
  await writeSamples(path, counted(16), size, { rgbToCamera: new Array(9).fill(1) });
  await expect(readRawFrame(path)).rejects.toThrow(/rgbToCamera/);
});

test.each<[string, unknown]>([
  ['white level', { black: 400, white: 400 }],
  ['white level', { white: 0 }],
  ['black', { black: -1 }],
  ['black', { black: [1, 2, 3] }],
  ['phase', { phase: 'RGBG' }],
  ['orientation', { orientation: 9 }],
  ['gains', { gains: { red: 0, blue: 1 } }],
  ['cameraToRgb', { cameraToRgb: [1, 2] }],
  ['exposureSeconds', { exposureSeconds: 0 }],
  ['blak', { blak: 1 }],
  ['description', []],
])('a description is refused for its %s', async (entry, sidecar) => {
  const path = join(await temporaryFolder(), 'frame.png');
  await writeSamples(path, counted(16), { width: 4, height: 4 }, sidecar);
  const reading = readRawFrame(path);
  await expect(reading).rejects.toThrow(InputError);
  await expect(reading).rejects.toThrow(entry);
  await expect(reading).rejects.toThrow(/frame\.(json|png)/);
});

test('what is no mosaic is refused by name', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'frame.png');
  await writeSamples(path, counted(16), { width: 4, height: 4 });
  await expect(readRawFrame(path)).rejects.toThrow(/frame\.json/);
  await writeSamples(path, counted(48), { width: 4, height: 4, channels: 3 }, {});
  await expect(readRawFrame(path)).rejects.toThrow(/3 channels/);
  await writeSamples(path, counted(4), { width: 2, height: 2 }, {});
  await expect(readRawFrame(path)).rejects.toThrow(InputError);
  await writeFile(join(folder, 'frame.json'), '{');
  await expect(readRawFrame(path)).rejects.toThrow(/JSON/);
  await expect(readRawFrame(join(folder, 'none.png'))).rejects.toMatchObject({
    code: 'file-not-found',
  });
});

test('limits hold for pixels of one and of four channels, and for bytes', async () => {
  const path = join(await temporaryFolder(), 'frame.png');
  for (const channels of [1, 4] as const) {
    const size = { width: 16 / channels, height: 16, channels };
    await writeSamples(path, counted(256), size, {});
    await expect(readRawFrame(path, { maxPixels: 255 })).rejects.toThrow(LimitError);
    await readRawFrame(path, { maxPixels: 256 });
  }
  await expect(readRawFrame(path, { maxBytes: 100 })).rejects.toMatchObject({
    code: 'limit-exceeded',
    details: { subject: path },
  });
});

test('an image cut off anywhere is refused', async () => {
  const path = join(await temporaryFolder(), 'frame.png');
  await writeSamples(path, counted(400), { width: 20, height: 20 }, {});
  const whole = await readFile(path);
  // The last twelve bytes are the closing chunk, without which the image is there.
  for (let length = 8; length < whole.length - 12; length += 23) {
    await writeFile(path, whole.subarray(0, length));
    await expect(readRawFrame(path)).rejects.toThrow(InputError);
  }
});
