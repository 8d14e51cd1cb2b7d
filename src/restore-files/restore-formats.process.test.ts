import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { testEngine } from '../engine/testing/runners.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { makeProfile, primaries } from '../images/colour/rgb-profile.js';
import { type DecodedImage, decodeImage, decodeImageBytes } from '../images/decode.js';
import { encodeImage } from '../images/encode.js';
import type { CorpusImage } from '../images/testing/corpus/case.js';
import { corpus } from '../images/testing/corpus/corpus.js';
import { exifOf, xmpOf } from '../images/testing/corpus/metadata-cases.js';
import { identityPack } from '../models/testing/identity-pack.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { InputError, LimitError, ParameterError } from '../utils/errors.js';
import { restoreFile } from './restore.js';
import type { RestoreRequest } from './restore-request.js';

const folder = await temporaryFolder();
const packs = { 1: await identityPack(folder, 1), 4: await identityPack(folder, 4) };
const engine = testEngine();

/** Restores bytes to a file of a name and reads it again. */
async function restored(
  bytes: Uint8Array,
  name: string,
  request: RestoreRequest = {},
  scale: 1 | 4 = 1,
): Promise<DecodedImage> {
  const input = join(folder, 'input');
  const output = join(folder, name);
  await writeFile(input, bytes);
  try {
    await restoreFile(input, output, { pack: packs[scale], engine, threads: 1, ...request });
    return await decodeImage(output, { maxFrames: 9 });
  } finally {
    await rm(output, { force: true });
  }
}

const named = (name: string): CorpusImage => {
  const found = corpus.find((image) => image.name === name);
  if (found === undefined) throw new Error(`no ${name} in the corpus`);
  return found;
};
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('latin1');

/** The largest difference in levels of the depth. */
function levelsApart(a: Tensor | undefined, b: Tensor | undefined, bitDepth: 8 | 16): number {
  expect(a?.shape).toEqual(b?.shape);
  if (a === undefined || b === undefined) return 0;
  let worst = 0;
  for (let place = 0; place < a.data.length; place += 1)
    worst = Math.max(worst, Math.abs(a.data[place]! - b.data[place]!));
  return Math.round(worst * (2 ** bitDepth - 1));
}

/** Every value of 16 bits, in another order in each channel. */
function ramp(): Tensor {
  const data = new Float32Array(3 * 65536);
  for (let place = 0; place < data.length; place += 1)
    data[place] = ((place * (1 + 2 * Math.floor(place / 65536))) % 65536) / 65535;
  return tensor([3, 256, 256], data);
}

test.each([
  ['png', undefined],
  ['tif', makeProfile('wide', 563 / 256, primaries.adobe)],
] as const)('every value of 16 bits survives in %s', async (extension, icc) => {
  const stored = ramp();
  const bytes = await encodeImage({ tensor: stored, bitDepth: 16, ...(icc && { icc }) }, 'png');
  const result = await restored(bytes, `ramp.${extension}`);
  expect(result.bitDepth).toBe(16);
  expect(result.icc).toEqual(icc);
  expect(levelsApart(result.tensor, stored, 16)).toBe(icc === undefined ? 0 : 1);
});

const kept: readonly (readonly [name: string, output: string])[] = [
  ['png: 1 x 1 bits', 'a.png'],
  ['png: 1 x 16 bits, interlaced', 'a.tif'],
  ['png: 2 x 8 bits', 'a.tif'],
  ['png: 4 x 16 bits', 'a.png'],
  ['png: palette of 4 bits, transparent', 'a.webp'],
  ['png: transparent colour in 3 x 16 bits', 'a.tif'],
  ['png: 1 x 1', 'a.png'],
  ['png: 30000 x 2', 'a.png'],
  ['tiff: grey of 16 bits, 0 is white', 'a.png'],
  ['tiff: RGB of 16 bits, in planes', 'a.tif'],
  ['tiff: RGB and alpha of 8 bits', 'a.webp'],
  ['jpeg: progressive', 'a.png'],
  ['jpeg: grey', 'a.png'],
  ['webp: RGB and alpha, lossless', 'a.png'],
  ['avif: RGB of 12 bits', 'a.png'],
  ['profile: wide, gamma 2.2 in PNG', 'a.png'],
  ['profile: wider, gamma 1.8 in TIFF of 16 bits', 'a.png'],
  ['profile: of tables in TIFF of 16 bits', 'a.tif'],
  ['profile: grey', 'a.tif'],
  ['orientation 6 in JPEG', 'a.png'],
  ['orientation 7 in TIFF', 'a.tif'],
  ['tiff: CMYK of 8 bits', 'a.png'],
];

test.each(kept)('%s comes back as it is, in %s', async (name, output) => {
  const { bytes: make, limits } = named(name);
  const bytes = await make();
  const before = await decodeImageBytes(bytes, name, limits);
  const after = await restored(bytes, output);
  const { bitDepth, grey, icc } = before;
  expect(after).toMatchObject({ bitDepth, grey });
  // Steep tone curves magnify the last bits of float32 in the dark.
  expect(levelsApart(after.alpha, before.alpha, bitDepth)).toBe(0);
  expect(levelsApart(visible(after), visible(before), bitDepth)).toBeLessThanOrEqual(
    icc === undefined || bitDepth === 8 ? 0 : 2,
  );
  expect(after.icc).toEqual(icc);
  if (before.xmp !== undefined) expect(text(after.xmp)).toContain('xmp:Rating="4"');
  if (before.exif !== undefined) expect(text(after.exif)).toContain('A. Painter');
});

/** Colours that are seen at all. */
function visible({ tensor: colour, alpha }: DecodedImage): Tensor {
  if (alpha === undefined) return colour;
  const pixels = alpha.data.length;
  return tensor(
    colour.shape,
    colour.data.map((value, place) => (alpha.data[place % pixels] === 0 ? 0 : value)),
  );
}

test.each(['png', 'tif', 'jpg', 'webp'])(
  'sizes and turns that %s states are those of the result',
  async (extension) => {
    const source = await encodeImage(
      {
        ...{ tensor: tensor([3, 5, 9], new Float32Array(135).fill(0.4)), bitDepth: 8 },
        exif: exifOf(1),
        xmp: xmpOf(1),
      },
      'png',
    );
    const output = join(folder, `sized.${extension}`);
    const input = join(folder, 'sized');
    await writeFile(input, source);
    await restoreFile(input, output, { pack: packs[4], engine, threads: 1 });
    const { exif, xmp, orientation, width } = await sharp(output).metadata();
    expect([width, orientation ?? 1]).toEqual([36, 1]);
    expect(text(xmp)).toContain('<tiff:ImageWidth>36</tiff:ImageWidth>');
    expect(text(xmp)).toContain('xmp:Rating="4"');
    if (extension === 'tif') return;
    expect(pixelsAcross(exif!)).toBe(36);
  },
);

/** What an EXIF block says of the width. */
function pixelsAcross(exif: Buffer): number | undefined {
  const tiff = exif.subarray(exif.toString('latin1', 0, 4) === 'Exif' ? 6 : 0);
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const whole = (at: number, size: number): number =>
    little ? tiff.readUIntLE(at, size) : tiff.readUIntBE(at, size);
  const find = (directory: number, tag: number): number | undefined => {
    for (let entry = directory + 2; entry < directory + 2 + 12 * whole(directory, 2); entry += 12)
      if (whole(entry, 2) === tag) return whole(entry + 8, whole(entry + 2, 2) === 3 ? 2 : 4);
    return undefined;
  };
  const inner = find(whole(4, 4), 0x8769);
  return inner === undefined ? undefined : find(inner, 0xa002);
}

test('--strip leaves nothing but pixels, which become sRGB', async () => {
  const icc = makeProfile('wide', 563 / 256, primaries.adobe);
  const colours = tensor([3, 1, 3], [0.5, 0.3, 0.6, 0.5, 0.4, 0.5, 0.5, 0.5, 0.4]);
  const bytes = await encodeImage(
    { tensor: colours, bitDepth: 16, icc, exif: exifOf(1), xmp: xmpOf(1) },
    'png',
  );
  const result = await restored(bytes, 'plain.png', { strip: true });
  expect(Object.keys(result).sort()).toEqual(['bitDepth', 'grey', 'tensor']);
  const expected = await sharp(await encodeImage({ tensor: colours, bitDepth: 8, icc }, 'png'))
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  for (let pixel = 0; pixel < 3; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1)
      expect(
        Math.abs(result.tensor.data[channel * 3 + pixel]! * 255 - expected[pixel * 3 + channel]!),
      ).toBeLessThan(2);
  const { bytes: tables } = named('profile: of tables in TIFF of 16 bits');
  expect((await restored(await tables(), 'tables.png', { strip: true })).icc).toBeDefined();
});

/** A red disc on nothing, with green stored where nothing is seen. */
function discOnNothing(side: number): { tensor: Tensor; alpha: Tensor } {
  const colour = tensor([3, side, side]);
  const alpha = tensor([1, side, side]);
  for (let place = 0; place < side * side; place += 1) {
    const away = Math.hypot(Math.floor(place / side) - side / 2, (place % side) - side / 2);
    const covered = Math.min(1, Math.max(0, side / 3 + 0.5 - away));
    alpha.data[place] = Math.round(covered * 255) / 255;
    colour.data[place] = alpha.data[place]! > 0 ? 0.8 : 0;
    colour.data[side * side + place] = alpha.data[place]! > 0 ? 0 : 1;
  }
  return { tensor: colour, alpha };
}

test('what is enlarged has no fringe of what was hidden', async () => {
  const bytes = await encodeImage({ ...discOnNothing(24), bitDepth: 8 }, 'png');
  const { tensor: colour, alpha } = await restored(bytes, 'disc.png', {}, 4);
  const pixels = 96 * 96;
  let partial = 0;
  for (let place = 0; place < pixels; place += 1) {
    const seen = alpha!.data[place]!;
    if (seen === 0) continue;
    if (seen > 0.05 && seen < 0.95) partial += 1;
    expect(colour.data[place]!).toBeCloseTo(0.8, 2);
    expect(colour.data[pixels + place]!).toBeLessThan(0.004);
  }
  // The edge is drawn within two pixels of the result; bilinear enlargement takes more than four.
  expect(partial).toBeLessThan(2 * Math.PI * 32 * 2.2);
  expect(alpha!.data[0]).toBe(0);
  expect(alpha!.data[48 * 96 + 48]).toBe(1);
});

const refused: readonly (readonly [
  string,
  string,
  RestoreRequest,
  new (...all: never[]) => Error,
])[] = [
  ['png: a bit of the pixels', 'x.png', {}, InputError],
  ['png: 10^10 pixels', 'x.png', {}, LimitError],
  ['jpeg: cut at 0.6 of the pixels', 'x.jpg', {}, InputError],
  ['tiff: strips behind the end', 'x.tif', {}, InputError],
  ['tiff: three pages', 'x.tif', {}, LimitError],
  ['webp: three frames', 'x.webp', {}, LimitError],
  ['heif: HEVC', 'x.png', {}, InputError],
  ['other: GIF', 'x.png', {}, InputError],
  ['png: 3 x 16 bits', 'x.jpg', {}, ParameterError],
  ['png: 4 x 8 bits', 'x.jpg', {}, ParameterError],
  ['png: 3 x 8 bits', 'x.png', { limits: { maxPixels: 90 } }, LimitError],
];

test.each(refused)(
  '%s as %s is refused and leaves nothing',
  async (name, output, request, kind) => {
    const before = await readdir(folder);
    const bytes = await named(name).bytes();
    await expect(restored(bytes, output, request)).rejects.toThrow(kind);
    expect((await readdir(folder)).filter((own) => own !== 'input')).toEqual(
      before.filter((own) => own !== 'input'),
    );
  },
);

test('a raised limit reads the first of several pages', async () => {
  const { bytes } = named('tiff: three pages');
  const result = await restored(await bytes(), 'page.tif', { limits: { maxFrames: 3 } });
  expect(result.tensor.shape).toEqual([3, 7, 13]);
});
