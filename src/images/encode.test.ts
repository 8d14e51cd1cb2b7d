import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { OutputError, ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { decodeImage, decodeImageBytes } from './decode.js';
import { encodeImage, writeImage } from './encode.js';
import type { ImageFormat } from './format.js';

/** Values that are whole grey levels of the depth. */
function levels(channels: number, bitDepth: 8 | 16, height = 5, width = 7): Tensor {
  const largest = 2 ** bitDepth - 1;
  return tensor(
    [channels, height, width],
    Float32Array.from(
      { length: channels * height * width },
      (_, index) => ((index * 2654435761) % (largest + 1)) / largest,
    ),
  );
}

const lossless: [ImageFormat, 8 | 16][] = [
  ['png', 8],
  ['png', 16],
  ['tiff', 8],
  ['tiff', 16],
  ['webp', 8],
];

test.each(lossless)(
  '%s of %i bits holds every value, with alpha and without',
  async (format, bitDepth) => {
    const rgb = levels(3, bitDepth);
    const alpha = levels(1, bitDepth);
    const plain = await decodeImageBytes(await encodeImage({ tensor: rgb, bitDepth }, format));
    expect(plain.bitDepth).toBe(bitDepth);
    expect(plain.alpha).toBeUndefined();
    expect(plain.tensor).toEqual(rgb);
    const both = await decodeImageBytes(
      await encodeImage({ tensor: rgb, alpha, bitDepth }, format),
    );
    expect(both.tensor).toEqual(rgb);
    expect(both.alpha).toEqual(alpha);
  },
);

test.each(lossless.slice(0, 4))(
  'grey %s of %i bits is written as one channel',
  async (format, bitDepth) => {
    const plane = levels(1, bitDepth);
    const rgb = tensor([3, 5, 7], [...plane.data, ...plane.data, ...plane.data]);
    const alpha = levels(1, bitDepth);
    const bytes = await encodeImage({ tensor: rgb, bitDepth, grey: true }, format);
    expect((await sharp(bytes).metadata()).channels).toBe(1);
    expect(await decodeImageBytes(bytes)).toMatchObject({ grey: true, bitDepth, tensor: rgb });
    const both = await decodeImageBytes(
      await encodeImage({ tensor: rgb, alpha, bitDepth, grey: true }, format),
    );
    expect(both).toMatchObject({ grey: true, tensor: rgb, alpha });
  },
);

test('lossy formats come near', async () => {
  const ramp = tensor(
    [3, 32, 32],
    Float32Array.from({ length: 3072 }, (_, index) => (index % 32) / 31),
  );
  for (const format of ['jpeg', 'avif'] as const) {
    const decoded = await decodeImageBytes(
      await encodeImage({ tensor: ramp, bitDepth: 8 }, format),
    );
    const worst = ramp.data.reduce(
      (w, v, i) => Math.max(w, Math.abs(v - decoded.tensor.data[i]!)),
      0,
    );
    expect(worst).toBeLessThan(0.03);
  }
});

test('values are clamped and rounded half up', async () => {
  const values = [-0.5, 1.5, 0.5 / 255 + 1e-6, 0.5 / 255 - 1e-6, 100.5 / 255, Infinity];
  const bytes = await encodeImage(
    { tensor: tensor([3, 1, 6], [...values, ...values, ...values]), bitDepth: 8 },
    'png',
  );
  const raw = await sharp(bytes).raw().toBuffer();
  expect([0, 3, 6, 9, 15].map((index) => raw[index])).toEqual([0, 255, 1, 0, 255]);
  expect(raw[12]).toBe(Math.floor(Math.fround(100.5 / 255) * 255 + 0.5));
});

test.each(['png', 'tiff', 'jpeg', 'webp', 'avif'] as const)(
  'an ICC profile goes into %s byte by byte and moves no value',
  async (format) => {
    const source = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#357' } })
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const { icc } = await decodeImageBytes(source);
    const rgb = levels(3, 8);
    const plain = await decodeImageBytes(await encodeImage({ tensor: rgb, bitDepth: 8 }, format));
    const profiled = await decodeImageBytes(
      await encodeImage({ tensor: rgb, bitDepth: 8, icc: icc! }, format),
    );
    expect(profiled.icc).toEqual(icc);
    expect(profiled.tensor).toEqual(plain.tensor);
  },
);

test('16 bits, alpha, ICC and EXIF travel together', async () => {
  const source = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#357' } })
    .withIccProfile('p3')
    .withExifMerge({ IFD0: { Artist: 'A. Painter', Orientation: '6' } })
    .png()
    .toBuffer();
  const { icc, exif } = await decodeImageBytes(source);
  const rgb = levels(3, 16);
  const alpha = levels(1, 16);
  const path = join(await temporaryFolder(), 'all.png');
  await writeImage(path, { tensor: rgb, alpha, bitDepth: 16, icc: icc!, exif: exif! });
  const decoded = await decodeImage(path);
  expect(decoded).toMatchObject({ tensor: rgb, alpha, bitDepth: 16, icc });
  expect(Buffer.from(decoded.exif!).toString('latin1')).toContain('A. Painter');
  expect((await sharp(path).metadata()).orientation ?? 1).toBe(1);
});

test.each(['png', 'jpeg', 'webp', 'avif'] as const)('EXIF goes into %s', async (format) => {
  const source = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#357' } })
    .withExifMerge({ IFD0: { Artist: 'A. Painter' } })
    .jpeg()
    .toBuffer();
  const { exif } = await decodeImageBytes(source);
  const bytes = await encodeImage({ tensor: levels(3, 8), bitDepth: 8, exif: exif! }, format);
  const written = await decodeImageBytes(bytes);
  expect(Buffer.from(written.exif!).toString('latin1')).toContain('A. Painter');
});

test('a profile for colour is left out of a grey file', async () => {
  const source = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#357' } })
    .withIccProfile('p3')
    .png()
    .toBuffer();
  const { icc } = await decodeImageBytes(source);
  const bytes = await encodeImage(
    { tensor: levels(3, 8), bitDepth: 8, grey: true, icc: icc! },
    'png',
  );
  expect((await sharp(bytes).metadata()).icc).toBeUndefined();
});

test('TIFF is compressed', async () => {
  const flat = tensor([3, 64, 64], new Float32Array(3 * 64 * 64).fill(0.5));
  const bytes = await encodeImage({ tensor: flat, bitDepth: 16 }, 'tiff');
  expect(bytes.length).toBeLessThan(64 * 64 * 6 * 0.1);
});

test('the extension chooses the format, and nothing else is left in the folder', async () => {
  const inside = await temporaryFolder();
  for (const name of ['a.PNG', 'b.jpg', 'c.jpeg', 'd.webp', 'e.tif', 'f.tiff', 'g.avif'])
    await writeImage(join(inside, name), { tensor: levels(3, 8), bitDepth: 8 });
  const formats = await Promise.all(
    (await readdir(inside)).map(
      async (name) => (await sharp(join(inside, name)).metadata()).format,
    ),
  );
  expect(formats).toEqual(['png', 'jpeg', 'jpeg', 'webp', 'tiff', 'tiff', 'heif']);
});

test('what cannot be written is refused before anything is', async () => {
  const inside = await temporaryFolder();
  const rgb = levels(3, 8);
  const nan = tensor(
    [3, 5, 7],
    rgb.data.map((value, index) => (index === 40 ? Number.NaN : value)),
  );
  const attempts: [string, Parameters<typeof writeImage>[1], RegExp][] = [
    ['a.bmp', { tensor: rgb, bitDepth: 8 }, /a name ending in \.png/],
    ['a', { tensor: rgb, bitDepth: 8 }, /output/],
    ['a.jpg', { tensor: rgb, bitDepth: 16 }, /png or tiff for 16 bits/],
    ['a.jpg', { tensor: rgb, alpha: levels(1, 8), bitDepth: 8 }, /one that holds alpha/],
    ['a.png', { tensor: levels(4, 8), bitDepth: 8 }, /\[3, height, width\]/],
    ['a.png', { tensor: rgb, alpha: levels(1, 8, 4, 4), bitDepth: 8 }, /alpha/],
    ['a.png', { tensor: nan, bitDepth: 8 }, /NaN at pixel 5 of channel 1/],
  ];
  for (const [name, image, message] of attempts) {
    await expect(writeImage(join(inside, name), image)).rejects.toThrow(ParameterError);
    await expect(writeImage(join(inside, name), image)).rejects.toThrow(message);
  }
  await expect(
    writeImage(join(inside, 'a.jpg'), { tensor: rgb, bitDepth: 8 }, { quality: 0 }),
  ).rejects.toThrow(withSubject('quality'));
  await expect(
    writeImage(join(inside, 'no', 'a.png'), { tensor: rgb, bitDepth: 8 }),
  ).rejects.toThrow(OutputError);
  expect(await readdir(inside)).toEqual([]);
});
