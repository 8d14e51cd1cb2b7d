import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { InputError, LimitError } from '../utils/errors.js';
import { displayP3 } from './colour/rgb-profile.js';
import { workingColour } from './colour/working-colour.js';
import { decodeImage, decodeImageBytes, decodeRgb8 } from './decode.js';

const width = 5;
const height = 3;
const rgb = Uint8Array.from({ length: width * height * 3 }, (_, index) => (index * 37) % 256);

const image = () => sharp(rgb, { raw: { width, height, channels: 3 } });

async function saved(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, bytes);
  return path;
}

/** The value at [channel, y, x] of an interleaved image. */
const at = (channel: number, y: number, x: number) => rgb[(y * width + x) * 3 + channel]! / 255;

test.each(['png', 'webp', 'tiff', 'avif'] as const)(
  'lossless %s gives the stored pixels as [3, H, W] in [0, 1]',
  async (format) => {
    const encoded = await image()
      .toFormat(format, { lossless: true, compression: format === 'avif' ? 'av1' : 'lzw' } as never)
      .toBuffer();
    const decoded = await decodeImageBytes(encoded);
    expect(decoded).toMatchObject({ bitDepth: 8, grey: false });
    expect(decoded.alpha).toBeUndefined();
    expect(decoded.tensor.shape).toEqual([3, height, width]);
    for (let channel = 0; channel < 3; channel++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          expect(decoded.tensor.data[(channel * height + y) * width + x]).toBe(
            Math.fround(at(channel, y, x)),
          );
  },
);

test('the format follows from the content, not from the extension', async () => {
  const path = await saved('photograph.jpg', await image().png().toBuffer());
  expect((await decodeImage(path)).tensor.data[0]).toBe(Math.fround(at(0, 0, 0)));
  expect([...(await decodeRgb8(path)).data]).toEqual([...rgb]);
});

test('a JPEG decodes to what its encoder saw, within its loss', async () => {
  const flat = Buffer.alloc(16 * 16 * 3, Buffer.from([200, 40, 90]));
  const encoded = await sharp(flat, { raw: { width: 16, height: 16, channels: 3 } })
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toBuffer();
  const { data } = (await decodeImageBytes(encoded)).tensor;
  expect(data[0]).toBeCloseTo(200 / 255, 1.9);
  expect(data[256]).toBeCloseTo(40 / 255, 1.9);
  expect(data[512]).toBeCloseTo(90 / 255, 1.9);
});

test.each(['png', 'tiff'] as const)('16-bit %s keeps all 16 bits, of alpha too', async (format) => {
  const samples = Uint16Array.from({ length: 4 * 6 }, (_, index) => index * 2741 + 1);
  const encoded = await sharp(samples, { raw: { width: 3, height: 2, channels: 4 } })
    .toColourspace('rgb16')
    .toFormat(format, { compression: 'deflate' } as never)
    .toBuffer();
  const decoded = await decodeImageBytes(encoded);
  expect(decoded.bitDepth).toBe(16);
  for (let pixel = 0; pixel < 6; pixel++) {
    for (let channel = 0; channel < 3; channel++)
      expect(decoded.tensor.data[channel * 6 + pixel]! * 65535).toBeCloseTo(
        samples[pixel * 4 + channel]!,
        2,
      );
    expect(decoded.alpha!.data[pixel]! * 65535).toBeCloseTo(samples[pixel * 4 + 3]!, 2);
  }
  const { data } = await decodeRgb8(await saved('deep', encoded));
  expect(data.length).toBe(18);
  expect(Math.abs(data[17]! - samples[22]! / 257)).toBeLessThan(1);
});

test('alpha is a plane of its own, and colours under it stay', async () => {
  const rgba = Uint8Array.of(10, 20, 30, 0, 40, 50, 60, 128);
  const encoded = await sharp(rgba, { raw: { width: 2, height: 1, channels: 4 } })
    .png()
    .toBuffer();
  const decoded = await decodeImageBytes(encoded);
  expect(decoded.alpha!.shape).toEqual([1, 1, 2]);
  expect([...decoded.alpha!.data].map((value) => value * 255)).toEqual([0, expect.closeTo(128, 4)]);
  expect([...decoded.tensor.data].map((value) => Math.round(value * 255))).toEqual([
    10, 40, 20, 50, 30, 60,
  ]);
  expect([...(await decodeRgb8(await saved('a.png', encoded))).data]).toEqual([
    10, 20, 30, 40, 50, 60,
  ]);
});

test.each([8, 16] as const)(
  'a grey image of %i bits has three equal channels',
  async (bitDepth) => {
    const values = bitDepth === 8 ? Uint8Array.of(0, 77, 255) : Uint16Array.of(0, 20001, 65535);
    const encoded = await sharp(values, { raw: { width: 3, height: 1, channels: 1 } })
      .toColourspace(bitDepth === 8 ? 'b-w' : 'grey16')
      .png()
      .toBuffer();
    const decoded = await decodeImageBytes(encoded);
    expect(decoded).toMatchObject({ grey: true, bitDepth });
    const row = [...values].map((value) => Math.fround(value / (bitDepth === 8 ? 255 : 65535)));
    expect([...decoded.tensor.data]).toEqual([...row, ...row, ...row]);
    const { data } = await decodeRgb8(await saved('grey.png', encoded));
    expect([...data]).toEqual([0, 0, 0, data[3], data[3], data[3], 255, 255, 255]);
  },
);

test('a grey image with alpha keeps both', async () => {
  const encoded = await sharp(Uint8Array.of(9, 200, 90, 10), {
    raw: { width: 2, height: 1, channels: 2 },
  })
    .toColourspace('b-w')
    .png()
    .toBuffer();
  const decoded = await decodeImageBytes(encoded);
  expect(decoded.grey).toBe(true);
  const levels = (data: Float32Array) => [...data].map((value) => Math.round(value * 255));
  expect(levels(decoded.tensor.data)).toEqual([9, 90, 9, 90, 9, 90]);
  expect(levels(decoded.alpha!.data)).toEqual([200, 10]);
});

test('a palette is expanded', async () => {
  const encoded = await sharp(Uint8Array.of(255, 0, 0, 0, 0, 255), {
    raw: { width: 2, height: 1, channels: 3 },
  })
    .png({ palette: true })
    .toBuffer();
  expect((await sharp(encoded).metadata()).isPalette).toBe(true);
  expect([...(await decodeImageBytes(encoded)).tensor.data]).toEqual([1, 0, 0, 0, 0, 1]);
});

test('EXIF orientation is applied and then no longer claimed', async () => {
  const encoded = await image().withMetadata({ orientation: 6 }).png().toBuffer();
  const decoded = await decodeImageBytes(encoded);
  expect(decoded.tensor.shape).toEqual([3, width, height]);
  // Orientation 6: the stored image is turned a quarter clockwise, row 0 becomes the last column.
  for (let x = 0; x < width; x++)
    expect(decoded.tensor.data[x * height + height - 1]).toBe(Math.fround(at(0, 0, x)));
  const { width: turnedWidth, data } = await decodeRgb8(await saved('turned.png', encoded));
  expect(turnedWidth).toBe(height);
  expect(data[(height - 1) * 3]).toBe(rgb[0]);
  expect(orientationOf(decoded.exif!)).toBe(1);
});

function orientationOf(exif: Uint8Array): number | undefined {
  const prefixed = Buffer.from(exif).toString('latin1', 0, 4) === 'Exif';
  const tiff = Buffer.from(exif).subarray(prefixed ? 6 : 0);
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const first = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  for (let entry = first + 2; entry < first + 2 + 12 * u16(first); entry += 12)
    if (u16(entry) === 0x0112) return u16(entry + 8);
  return undefined;
}

test('values are not colour-managed; the profile comes along', async () => {
  const wide = await image().withIccProfile('p3').png().toBuffer();
  const stored = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
  const decoded = await decodeImageBytes(wide);
  expect(decoded.icc!.length).toBeGreaterThan(100);
  expect([...decoded.tensor.data.subarray(0, 3)]).toEqual(
    [0, 3, 6].map((index) => Math.fround(stored[index]! / 255)),
  );
});

test('a CMYK image becomes Display P3, which holds inks that sRGB has not', async () => {
  const encoded = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#f00' } })
    .toColourspace('cmyk')
    .jpeg()
    .toBuffer();
  const decoded = await decodeImageBytes(encoded);
  expect(decoded.tensor.shape).toEqual([3, 8, 8]);
  expect(decoded.icc).toEqual(displayP3());
  const narrow = await sharp(encoded).toColourspace('srgb').raw().toBuffer();
  const { data } = workingColour(decoded.icc!)!.toSrgb(decoded.tensor);
  for (const channel of [0, 1, 2])
    expect(Math.abs(data[64 * channel]! * 255 - narrow[channel]!)).toBeLessThan(4);
  expect(decoded.tensor.data[0]!).toBeLessThan(narrow[0]! / 255);
  const { data: bytes } = await decodeRgb8(await saved('inks.jpg', encoded));
  expect([...bytes.subarray(0, 3)]).toEqual([...narrow.subarray(0, 3)]);
});

test.each([10, 12] as const)('white of %i bits is white', async (bitdepth) => {
  const white = Uint16Array.from({ length: 48 }, (_, place) => (place < 24 ? 65535 : 0));
  const encoded = await sharp(white, { raw: { width: 4, height: 4, channels: 3 } })
    .toColourspace('rgb16')
    .avif({ lossless: true, bitdepth })
    .toBuffer();
  const decoded = await decodeImageBytes(encoded);
  expect(decoded.bitDepth).toBe(16);
  expect([...new Set(decoded.tensor.data)].sort()).toEqual([0, 1]);
});

test('floating-point samples are refused', async () => {
  const encoded = await image().toColourspace('scrgb').tiff({ compression: 'deflate' }).toBuffer();
  expect((await sharp(encoded).metadata()).depth).toBe('float');
  await expect(decodeImageBytes(encoded, 'float.tif')).rejects.toThrow(/samples of type float/);
});

test('limits are checked before decoding', async () => {
  const encoded = await image().png().toBuffer();
  await expect(decodeImageBytes(encoded, 'a', { maxPixels: 14 })).rejects.toThrow(LimitError);
  await expect(decodeImageBytes(encoded, 'a', { maxPixels: 15 })).resolves.toBeDefined();
  const path = await saved('a.png', encoded);
  await expect(decodeImage(path, { maxBytes: 50 })).rejects.toThrow(
    /the limit is 50; raise `limits\.maxBytes`/,
  );
  const vast = Buffer.from(encoded);
  vast.writeUInt32BE(1_000_000, 16);
  vast.writeUInt32BE(1_000_000, 20);
  vast.writeUInt32BE(0x00000000, 29);
  const { crc32 } = await import('node:zlib');
  vast.writeUInt32BE(crc32(vast.subarray(12, 29)), 29);
  await expect(decodeImageBytes(vast, 'vast.png')).rejects.toThrow(LimitError);
  await expect(decodeImageBytes(vast, 'vast.png')).rejects.toThrow(/1000000 x 1000000/);
});

test.each(['png', 'jpeg', 'webp', 'tiff', 'avif'] as const)(
  'a truncated %s is an error that names the file',
  async (format) => {
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, index) => (index * index * 31) >> 3);
    const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .toFormat(format, format === 'tiff' ? { compression: 'deflate' } : {})
      .toBuffer();
    for (const part of [0.3, 0.7, 0.95]) {
      const path = await saved('cut', whole.subarray(0, Math.floor(whole.length * part)));
      for (const decode of [decodeImage, decodeRgb8]) {
        await expect(decode(path)).rejects.toThrow(InputError);
        await expect(decode(path)).rejects.toThrow(
          new RegExp(`^${path}: the ${format.toUpperCase()} data`),
        );
      }
    }
  },
);

test('a PNG with a flipped bit in its pixels is an error', async () => {
  const encoded = await image().png().toBuffer();
  const position = encoded.indexOf('IDAT') + 12;
  encoded[position]! ^= 0x10;
  await expect(decodeImageBytes(encoded, 'flipped.png')).rejects.toThrow(InputError);
});

test('what is no image is told apart', async () => {
  await expect(decodeImage('/nowhere/a.png')).rejects.toThrow(
    '/nowhere/a.png: the file does not exist',
  );
  await expect(decodeImage(tmpdir())).rejects.toThrow(/this is a folder/);
  await expect(decodeImage(await saved('empty.png', new Uint8Array(0)))).rejects.toThrow(
    /empty\.png: the file is empty/,
  );
  const text = await saved('text.png', Buffer.from('hello, I am no image'));
  await expect(decodeImage(text)).rejects.toThrow(InputError);
  await expect(decodeImage(text)).rejects.toThrow(/no PNG, JPEG, WebP, TIFF or AVIF/);
  await expect(
    decodeImageBytes(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')),
  ).rejects.toThrow(/no PNG/);
});
