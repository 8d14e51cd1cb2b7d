import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { cropped } from '../tensor/window.js';
import { OutputError, ParameterError } from '../utils/errors.js';
import { decodeImage } from './decode.js';
import { type ImageLayout, type RasterWriter, rasterOf } from './raster.js';
import { openWriter } from './streamed-writer.js';
import { openTiffWriter } from './tiff.js';
import { readFields } from './tiff-structure.js';

const [height, width] = [301, 47];

/** Values that are whole grey levels of the depth. */
function levels(channels: number, bitDepth: 8 | 16): Tensor {
  const largest = 2 ** bitDepth - 1;
  const data = new Float32Array(channels * height * width);
  for (let place = 0; place < data.length; place += 1)
    data[place] = Math.floor(((place * 0.618034) % 1) * (largest + 1)) / largest;
  return tensor([channels, height, width], data);
}

function rowsOf(image: Tensor, first: number, end: number): Tensor {
  return cropped(image, { left: 0, top: first, width, height: end - first });
}

interface Case {
  readonly bitDepth: 8 | 16;
  readonly grey?: boolean;
  readonly alpha?: Tensor;
}

/** Hands an image over in pieces of uneven height. */
async function writeInPieces(writer: RasterWriter, image: Tensor, own: Case): Promise<void> {
  const { bitDepth, grey = false, alpha } = own;
  for (let first = 0, count = 1; first < height; first += count, count = (count * 3) % 101) {
    const end = Math.min(height, first + count);
    const rows = rowsOf(image, first, end);
    const more = alpha === undefined ? {} : { alpha: rowsOf(alpha, first, end) };
    await writer.write(rasterOf({ tensor: rows, bitDepth, grey, ...more }));
  }
  await writer.finish();
}

test.each([
  ['png', 8, false, false],
  ['png', 16, false, true],
  ['png', 16, true, false],
  ['tif', 8, false, true],
  ['tif', 16, false, false],
  ['tiff', 16, true, true],
  ['webp', 8, false, true],
] as const)(
  '%s of %i bits (grey %s, alpha %s) holds every sample',
  async (extension, bitDepth, grey, hasAlpha) => {
    const path = join(await temporaryFolder(), `a.${extension}`);
    const plane = levels(1, bitDepth);
    const image = grey
      ? tensor([3, height, width], [...plane.data, ...plane.data, ...plane.data])
      : levels(3, bitDepth);
    const alpha = hasAlpha ? levels(1, bitDepth) : undefined;
    const channels = rasterOf({
      tensor: image,
      grey,
      bitDepth,
      ...(alpha && { alpha }),
    }).channels;
    const writer = await openWriter(path, { width, height, channels, bitDepth });
    await writeInPieces(writer, image, { bitDepth, grey, ...(alpha && { alpha }) });
    await writer.abandon();
    const decoded = await decodeImage(path);
    expect(decoded).toMatchObject({ bitDepth, grey });
    expect(decoded.tensor).toEqual(image);
    expect(decoded.alpha).toEqual(alpha);
    expect(await readdir(join(path, '..'))).toEqual([`a.${extension}`]);
  },
);

async function metadata(): Promise<{ icc: Uint8Array; exif: Uint8Array }> {
  const bytes = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
    .withIccProfile('p3')
    .withExif({
      IFD0: { Copyright: 'nobody', Make: 'a long name of a maker' },
      IFD2: { ExposureTime: '1/125', LensModel: 'a lens of glass' },
    })
    .jpeg()
    .toBuffer();
  const { icc, exif } = await sharp(bytes).metadata();
  return { icc: icc!, exif: exif! };
}

test.each([
  ['png', undefined],
  ['tif', undefined],
  ['tif', 0],
])('profile and EXIF stay (%s, classic up to %s bytes)', async (extension, largest) => {
  const path = join(await temporaryFolder(), `a.${extension}`);
  const attached = await metadata();
  const layout: ImageLayout = { width, height, channels: 3, bitDepth: 8, ...attached };
  const writer = await (largest === undefined
    ? openWriter(path, layout)
    : openTiffWriter(path, layout, largest));
  const image = levels(3, 8);
  await writeInPieces(writer, image, { bitDepth: 8 });
  const written = await readFile(path);
  if (extension === 'tif')
    expect(written.subarray(0, 4).toString('latin1')).toBe(largest === 0 ? 'II+\0' : 'II*\0');
  const { icc } = await sharp(path).metadata();
  expect(icc).toEqual(attached.icc);
  for (const text of ['nobody', 'a long name of a maker', 'a lens of glass'])
    expect(written.includes(text)).toBe(true);
  expect((await decodeImage(path)).tensor).toEqual(image);
});

test.each([true, false])(
  'EXIF of either byte order becomes entries of a TIFF file',
  async (isLittle) => {
    const path = join(await temporaryFolder(), 'a.tif');
    const text = (value: string) => [...Buffer.from(`${value}\0`, 'latin1')];
    const exif = Buffer.alloc(84);
    const short = (value: number, at: number) =>
      isLittle ? exif.writeUInt16LE(value, at) : exif.writeUInt16BE(value, at);
    const long = (value: number, at: number) =>
      isLittle ? exif.writeUInt32LE(value, at) : exif.writeUInt32BE(value, at);
    const entry = (at: number, tag: number, type: number, count: number) => {
      short(tag, at);
      short(type, at + 2);
      long(count, at + 4);
    };
    exif.write(isLittle ? 'II' : 'MM', 'latin1');
    short(42, 2);
    long(8, 4);
    short(3, 8);
    entry(10, 0x010f, 2, 6);
    long(50, 18);
    entry(22, 0x0112, 3, 1);
    short(6, 30);
    entry(34, 0x8769, 4, 1);
    long(58, 42);
    exif.set(text('maker'), 50);
    short(1, 58);
    entry(60, 0x829a, 5, 1);
    long(76, 68);
    long(1, 76);
    long(125, 80);
    const writer = await openWriter(path, { width, height, channels: 3, bitDepth: 8, exif });
    await writeInPieces(writer, levels(3, 8), { bitDepth: 8 });
    const file = await readFile(path);
    const entries = readFields(file);
    const find = (tag: number, own = entries) => own.find((found) => found.tag === tag);
    expect(find(0x010f)?.value).toEqual(Buffer.from('maker\0'));
    expect(find(0x0112)?.value.readUInt16LE(0)).toBe(1);
    const inner = readFields(file, find(0x8769)!.value.readUInt32LE(0));
    const exposure = find(0x829a, inner)!.value;
    expect([exposure.readUInt32LE(0), exposure.readUInt32LE(4)]).toEqual([1, 125]);
  },
);

test.each([
  ['nothing', new Uint8Array(0)],
  ['no directory', Uint8Array.from([0x49, 0x49, 42, 0, 200, 0, 0, 0])],
  ['entries beyond the end', Uint8Array.from([0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 9, 1, 15, 0, 2])],
])('damaged EXIF is left out: %s', async (_, exif) => {
  const path = join(await temporaryFolder(), 'a.tif');
  const writer = await openWriter(path, { width, height, channels: 3, bitDepth: 8, exif });
  await writeInPieces(writer, levels(3, 8), { bitDepth: 8 });
  expect((await decodeImage(path)).tensor).toEqual(levels(3, 8));
});

test('what is abandoned, half-way or before, leaves nothing', async () => {
  for (const name of ['a.png', 'a.tif', 'a.jpg']) {
    const inside = await temporaryFolder();
    const layout: ImageLayout = { width, height, channels: 3, bitDepth: 8 };
    const writer = await openWriter(join(inside, name), layout);
    await writer.write(rasterOf({ tensor: rowsOf(levels(3, 8), 0, 9), bitDepth: 8 }));
    await writer.abandon();
    expect(await readdir(inside)).toEqual([]);
  }
});

test('sides that a format cannot state are refused, a missing folder is named', async () => {
  const layout: ImageLayout = { width: 20000, height: 3, channels: 3, bitDepth: 8 };
  const webp = openWriter(join(await temporaryFolder(), 'a.webp'), layout);
  await expect(webp).rejects.toThrow(ParameterError);
  await expect(webp).rejects.toThrow('at most 16383 pixels for webp');
  const missing = openWriter(join(await temporaryFolder(), 'none', 'a.png'), layout);
  await expect(missing).rejects.toThrow(OutputError);
});
