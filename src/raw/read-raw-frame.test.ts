import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { InputError, LimitError } from '../utils/errors.js';
import { type BayerPhase, completeLimits, type RawFrame, type RawLimits } from './frame.js';
import { openRawDecoder } from './libraw/raw-decoder.js';
import { cameraFrame, cameraOf, readFrameWith, readRawFrame } from './read-raw-frame.js';
import {
  countingMosaic,
  dngFile,
  type Mosaic,
  nefFile,
  usualMatrix,
} from './testing/camera-files.js';

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
  await writeFile(join(folder, 'b.dng'), 'no image '.repeat(100));
  await expect(read(join(folder, 'b.dng'))).rejects.toThrow(InputError);
  await expect(read(folder)).rejects.toMatchObject({
    code: 'invalid-input',
    details: { subject: folder },
  });
  await expect(read(join(folder, 'c.dng'))).rejects.toMatchObject({ code: 'file-not-found' });
});

test('bytes and samples are limited', async () => {
  const path = join(await temporaryFolder(), 'a.dng');
  const bytes = dngFile(countingMosaic(48, 32));
  await writeFile(path, bytes);
  await expect(read(path, { maxBytes: bytes.length - 1 })).rejects.toThrow(LimitError);
  await expect(read(path, { maxPixels: 48 * 32 - 1 })).rejects.toThrow(LimitError);
  await read(path, { maxBytes: bytes.length, maxPixels: 48 * 32 });
});

afterAll(() => decoder.close());

async function decodeBytes(bytes: Uint8Array, limits?: RawLimits): Promise<RawFrame> {
  const mosaic = await decoder.decode('made.dng', Uint8Array.from(bytes), completeLimits(limits));
  return cameraFrame('made.dng', mosaic);
}

/** What a frame must hold: every plane's samples from the place of its filter on the sensor. */
function expected(
  { width, samples }: Mosaic,
  { top, left, rows, columns }: { top: number; left: number; rows: number; columns: number },
  level: (value: number, y: number, x: number) => number,
): Float32Array {
  return Float32Array.from({ length: 4 * rows * columns }, (_, at) => {
    const plane = Math.floor(at / (rows * columns));
    const y = top + 2 * (Math.floor(at / columns) % rows) + (plane >> 1);
    const x = left + 2 * (at % columns) + (plane & 1);
    return level(samples[y * width + x]!, y, x);
  });
}

/** Linear sRGB to XYZ to the camera, each row divided by its answer to white. */
function closeToTable(rgbToCamera: readonly number[], table: readonly number[], digits: number) {
  const rgbToXyz = [
    0.4124564, 0.3575761, 0.1804375, 0.2126729, 0.7151522, 0.072175, 0.0193339, 0.119192, 0.9503041,
  ];
  const product = rgbToCamera.map((_, at) =>
    [0, 1, 2].reduce(
      (sum, k) => sum + table[3 * Math.floor(at / 3) + k]! * rgbToXyz[3 * k + (at % 3)]!,
      0,
    ),
  );
  rgbToCamera.forEach((value, at) => {
    const row = 3 * Math.floor(at / 3);
    const sum = product[row]! + product[row + 1]! + product[row + 2]!;
    expect(value).toBeCloseTo(product[at]! / sum, digits);
  });
}

const mosaic = countingMosaic(96, 64, 1000, 7);
const white = 60000;

test.each<[BayerPhase, number, number]>([
  ['RGGB', 0, 0],
  ['GRBG', 0, 1],
  ['GBRG', 1, 0],
  ['BGGR', 1, 1],
])('%s begins at row %i, column %i; no sample is moved or mixed', async (phase, top, left) => {
  for (const form of [{}, { compressed: true }, { compressed: true, tile: 32 }, { tile: 32 }]) {
    const { packed } = await decodeBytes(dngFile(mosaic, { phase, white, ...form }));
    const rows = (64 - top) >> 1;
    const columns = (96 - left) >> 1;
    expect(packed.shape).toEqual([4, rows, columns]);
    expect(packed.data).toEqual(
      expected(mosaic, { top, left, rows, columns }, (value) => value / white),
    );
  }
});

test('black levels of the four places are subtracted, and white is 1', async () => {
  const black = [2000, 2100, 2200, 2300];
  const { packed, notes } = await decodeBytes(
    dngFile(mosaic, { black, white: 30000, phase: 'GBRG' }),
  );
  const box = { top: 1, left: 0, rows: 31, columns: 48 };
  const wanted = expected(mosaic, box, (value, y, x) => {
    const own = black[2 * (y & 1) + (x & 1)]!;
    return Math.min(Math.max((value - own) / (30000 - own), 0), 1);
  });
  expect(packed.data).toEqual(wanted);
  expect(wanted.some((value) => value === 0)).toBe(true);
  expect(wanted.some((value) => value === 1)).toBe(true);
  expect(notes).toEqual([]);
});

test('black is found where only a corner is exposed', async () => {
  const side = 160;
  const samples = new Uint16Array(side ** 2).fill(512);
  for (let y = 146; y < side; y++) for (let x = 0; x < 14; x++) samples[y * side + x] = 2000 + y;
  const dark: Mosaic = { width: side, height: side, samples };
  const { packed } = await decodeBytes(dngFile(dark, { black: [600], white: 4600 }));
  const box = { top: 0, left: 0, rows: 80, columns: 80 };
  const level = (value: number) => Math.max((value - 600) / 4000, 0);
  expect(packed.data).toEqual(expected(dark, box, level));
});

test('a frame without light is black', async () => {
  const dark: Mosaic = { width: 64, height: 64, samples: new Uint16Array(4096).fill(512) };
  const { packed } = await decodeBytes(dngFile(dark, { black: [600], white: 4600 }));
  expect(packed.data.every((value) => value === 0)).toBe(true);
});

test('masked borders are left out, whatever the parity of their width', async () => {
  for (const [top, left] of [
    [2, 4],
    [1, 3],
    [2, 3],
  ] as const) {
    const activeArea = [top, left, 60, 90];
    const { packed } = await decodeBytes(dngFile(mosaic, { activeArea, white }));
    const [, rows = 0, columns = 0] = packed.shape;
    expect(rows).toBeGreaterThanOrEqual(28);
    expect(columns).toBeGreaterThanOrEqual(42);
    // A red sample stands where the row and the column differ evenly from the area's corner.
    const down = (place: number, corner: number) => place + ((place - corner) & 1);
    const first = packed.data[0]! * white;
    const at = Math.round((first - 1000) / 7);
    const y = Math.floor(at / 96);
    const x = at % 96;
    expect([y, x]).toEqual([down(y, top), down(x, left)]);
    expect(packed.data).toEqual(
      expected(mosaic, { top: y, left: x, rows, columns }, (value) => value / white),
    );
  }
});

test('white balance as shot and a matrix that keeps grey', async () => {
  const { metadata, notes } = await decodeBytes(dngFile(mosaic, { neutral: [0.4, 0.8, 0.5] }));
  const { gains, cameraToRgb, rgbToCamera } = metadata.camera;
  expect(gains.rgb).toBe(1);
  expect(gains.red).toBeCloseTo(2, 5);
  expect(gains.blue).toBeCloseTo(1.6, 5);
  for (const row of [0, 3, 6]) {
    expect(cameraToRgb[row]! + cameraToRgb[row + 1]! + cameraToRgb[row + 2]!).toBeCloseTo(1, 6);
    expect(rgbToCamera[row]! + rgbToCamera[row + 1]! + rgbToCamera[row + 2]!).toBeCloseTo(1, 6);
  }
  closeToTable(rgbToCamera, usualMatrix, 3);
  expect(notes).toEqual([]);
});

test('a file without white balance or matrix says so', () => {
  const { camera, notes } = cameraOf({ daylight: [4, 2, 3] });
  expect(camera.gains).toEqual({ rgb: 1, red: 2, blue: 1.5 });
  expect(camera.cameraToRgb).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  expect(notes.join()).toMatch(/daylight.*matrix/);
  expect(cameraOf({ cameraToRgb: [1, 1, 0, 1, 1, 0, 0, 0, 1] }).notes.join()).toMatch(
    /balance.*matrix/,
  );
});

test('a file of Nikon: the matrix of its model, and daylight where it tells no balance', async () => {
  const { packed, metadata, notes } = await decodeBytes(nefFile(mosaic));
  const [, rows = 0, columns = 0] = packed.shape;
  expect(rows).toBeGreaterThan(24);
  const first = expected(mosaic, { top: 0, left: 0, rows, columns }, (value) => value / 65535);
  expect(packed.data).toEqual(first);
  expect(metadata.model).toBe('D300');
  expect(metadata.orientation).toBe(8);
  // LibRaw's table has it from Adobe: XYZ to camera 0.9030, -0.1992, -0.0715, ...
  const table = [0.903, -0.1992, -0.0715, -0.8465, 1.6302, 0.2255, -0.2689, 0.3217, 0.8069];
  closeToTable(metadata.camera.rgbToCamera, table, 5);
  expect(metadata.camera.gains.red).toBeGreaterThan(1.5);
  expect(notes.join()).toMatch(/daylight/);
});

test('orientation, exposure and the camera are read', async () => {
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const { metadata, packed } = await decodeBytes(
      dngFile(mosaic, { orientation, exposure: 0.0125, iso: 800, aperture: 5.6 }),
    );
    expect(metadata.orientation).toBe(orientation);
    expect(packed.shape).toEqual([4, 32, 48]);
    expect(metadata.exposureSeconds).toBeCloseTo(0.0125, 6);
    expect(metadata.iso).toBe(800);
    expect(metadata.aperture).toBeCloseTo(5.6, 5);
    expect([metadata.make, metadata.model]).toEqual(['Maker', 'Model X']);
  }
});

test('files of other sensors are refused by name', async () => {
  const linear = dngFile(mosaic, { replaced: [{ tag: 262, type: 'short', values: [34892] }] });
  await expect(decodeBytes(linear)).rejects.toThrow(/made\.dng/);
  const cyan = dngFile(mosaic, {
    replaced: [{ tag: 33422, type: 'byte', values: [0, 1, 1, 1] }],
  });
  await expect(decodeBytes(cyan)).rejects.toThrow(InputError);
});

test('the limit on samples comes before decoding', async () => {
  await expect(decodeBytes(dngFile(mosaic), { maxPixels: 96 * 64 - 1 })).rejects.toThrow(
    LimitError,
  );
  const huge = dngFile(mosaic, {
    replaced: [
      { tag: 256, type: 'long', values: [60000] },
      { tag: 257, type: 'long', values: [60000] },
    ],
  });
  await expect(decodeBytes(huge)).rejects.toThrow(/60000 x 60000.*maxPixels/);
});
