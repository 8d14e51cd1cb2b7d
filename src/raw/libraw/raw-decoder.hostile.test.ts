import { afterAll, expect, test } from 'vitest';
import { integerAt } from '../../tensor/random.js';
import { DpirError, InputError, LimitError } from '../../utils/errors.js';
import { prepareDng } from '../dng.js';
import { completeLimits } from '../frame.js';
import { countingMosaic, type DngOptions, dngFile } from '../testing/camera-files.js';
import type { DngEntry } from '../testing/tiff.js';
import { openRawDecoder } from './raw-decoder.js';

const decoder = openRawDecoder();
afterAll(() => decoder.close());

const limits = completeLimits({ maxPixels: 1 << 24, maxMilliseconds: 20_000 });
const decode = async (bytes: Uint8Array) => {
  const own = Uint8Array.from(bytes);
  prepareDng('hostile.dng', own, limits.maxPixels);
  return await decoder.decode('hostile.dng', own, limits);
};
const mosaic = countingMosaic(48, 32);

/** Only a typed refusal that names the file will do. */
async function refusal(bytes: Uint8Array): Promise<DpirError> {
  const error = await decode(bytes).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DpirError);
  expect((error as DpirError).message).toMatch(/^hostile\.dng: /);
  return error as DpirError;
}

const entry = (tag: number, type: DngEntry['type'], values: readonly number[]): DngEntry => ({
  tag,
  type,
  values,
});

test.each<[string, DngOptions]>([
  ['plain', {}],
  ['tiled', { tile: 16 }],
  ['compressed', { compressed: true }],
  ['compressed in tiles', { compressed: true, tile: 16 }],
])('a %s file cut off anywhere is refused', async (_, options) => {
  const whole = dngFile(mosaic, options);
  await decode(whole);
  for (let length = 0; length < 1000; length += 29)
    expect(await refusal(whole.subarray(0, length))).toBeInstanceOf(InputError);
  for (let length = 1000; length < whole.length - 16; length += 131)
    expect(await refusal(whole.subarray(0, length))).toBeInstanceOf(InputError);
});

test.each<[string, DngEntry]>([
  ['samples beyond the file', entry(273, 'long', [1 << 30])],
  ['samples far beyond the file', entry(273, 'long', [0xfffffff0])],
  ['no width', entry(256, 'long', [0])],
  ['no height', entry(257, 'long', [0])],
  ['more rows than samples', entry(257, 'long', [4000])],
  ['no white level', entry(50717, 'long', [0])],
  ['black above white', entry(50714, 'long', [65535])],
  ['an active area beyond the sensor', entry(50829, 'long', [0, 0, 10, 10])],
  ['an active area without extent', entry(50829, 'long', [9, 9, 9, 9])],
  ['an unknown compression', entry(259, 'short', [34892])],
  ['a tile of no size', entry(322, 'long', [0])],
  ['seventeen bits', entry(258, 'short', [17])],
  ['four samples a pixel', entry(277, 'short', [4])],
])('a file with %s is refused or read within its sensor', async (_, replaced) => {
  const bytes = dngFile(mosaic, { replaced: [replaced] });
  const result = await decode(bytes).catch((error: unknown) => error);
  if (result instanceof Error) {
    expect(result).toBeInstanceOf(InputError);
    return;
  }
  const { samples, stride, top, left, width, height, black, white } = result as Awaited<
    ReturnType<typeof decode>
  >;
  expect(left + width).toBeLessThanOrEqual(stride);
  expect((top + height) * stride).toBeLessThanOrEqual(samples.length);
  expect(Math.min(...white)).toBeGreaterThan(Math.max(...black));
});

test.each<[string, DngOptions, readonly DngEntry[]]>([
  ['rows that it lacks, in one strip', {}, [entry(257, 'long', [480]), entry(278, 'long', [480])]],
  ['rows that it lacks, in strips', {}, [entry(257, 'long', [480])]],
  ['rows that it lacks, in tiles', { tile: 16 }, [entry(257, 'long', [480])]],
  [
    'larger tiles than it has',
    { tile: 16 },
    [entry(323, 'long', [480]), entry(257, 'long', [480])],
  ],
  [
    'rows that its lossless JPEG lacks',
    { compressed: true },
    [entry(257, 'long', [480]), entry(278, 'long', [480])],
  ],
  [
    'a sensor of which it has next to nothing',
    { compressed: true },
    [256, 257, 278].map((tag) => entry(tag, 'long', [4000])),
  ],
])('a file that claims %s is refused before it is decoded', (_, options, replaced) => {
  const bytes = dngFile(countingMosaic(32, 24), { ...options, replaced });
  expect(() => prepareDng('hostile.dng', bytes)).toThrow(InputError);
  expect(() => prepareDng('hostile.dng', bytes)).toThrow(
    /^hostile\.dng: the file is damaged: (it holds|its \d+ bytes of piece)/,
  );
});

test('a JPEG that claims more rows than its data hold is refused', () => {
  const bytes = dngFile(countingMosaic(32, 24), {
    compressed: true,
    replaced: [entry(257, 'long', [4000]), entry(278, 'long', [4000])],
  });
  const frame = bytes.findIndex((byte, at) => byte === 0xff && bytes[at + 1] === 0xc3);
  new DataView(bytes.buffer).setUint16(frame + 5, 4000);
  expect(() => prepareDng('hostile.dng', bytes)).toThrow(/cannot hold 32 x 4000 samples/);
});

test('a sensor larger than the limit is refused before it is allocated', async () => {
  const sides = [entry(256, 'long', [60000]), entry(257, 'long', [60000])];
  expect(await refusal(dngFile(mosaic, { replaced: sides }))).toBeInstanceOf(LimitError);
  const vast = [entry(256, 'long', [0x7fffffff]), entry(257, 'long', [0x7fffffff])];
  await refusal(dngFile(mosaic, { replaced: vast }));
});

test('links and values beyond the file are refused, and too many links', async () => {
  for (const replaced of [
    entry(330, 'long', [1 << 30]),
    entry(
      330,
      'long',
      Array.from({ length: 1000 }, () => 8),
    ),
    entry(273, 'long', []),
    entry(279, 'long', [1, 2]),
  ]) {
    const bytes = dngFile(mosaic, { replaced: [replaced] });
    expect(await refusal(bytes)).toBeInstanceOf(InputError);
  }
  const counted = Buffer.from(dngFile(mosaic));
  const first = counted.readUInt32LE(4);
  for (let index = 0; index < counted.readUInt16LE(first); index++) {
    const at = first + 2 + 12 * index;
    // The offsets of the samples: their number, then their place.
    if (counted.readUInt16LE(at) === 273) counted.writeUInt32LE(0xffffffff, at + 4);
  }
  expect(await refusal(counted)).toBeInstanceOf(InputError);
});

test('a directory that follows itself, or holds itself, ends', async () => {
  const loop = Buffer.from(dngFile(mosaic));
  const first = loop.readUInt32LE(4);
  const count = loop.readUInt16LE(first);
  loop.writeUInt32LE(first, first + 2 + 12 * count);
  await decode(loop);
  const nested = Buffer.from(dngFile(mosaic));
  for (let index = 0; index < count; index++) {
    const at = first + 2 + 12 * index;
    if (nested.readUInt16LE(at) === 34665) nested.writeUInt16LE(330, at);
    if (nested.readUInt16LE(at) === 330) nested.writeUInt32LE(first, at + 8);
  }
  await decode(nested).catch((error) => expect(error).toBeInstanceOf(InputError));
});

test('random damage is refused or read, and the decoder serves the next file', async () => {
  const sound = dngFile(mosaic, { compressed: true });
  for (let seed = 0; seed < 80; seed++) {
    const damaged = Uint8Array.from(sound);
    for (let change = 0; change < 4; change++) {
      const at = integerAt(seed, 0, 2 * change, damaged.length);
      damaged[at] = integerAt(seed, 0, 2 * change + 1, 256);
    }
    await decode(damaged).catch((error) => {
      expect(error).toBeInstanceOf(DpirError);
      expect((error as Error).message).toContain('hostile.dng');
    });
  }
  expect((await decode(sound)).samples).toEqual(mosaic.samples);
});

test('a file on which the decoder takes too long is given up', async () => {
  const hasty = openRawDecoder();
  const one = { ...limits, maxMilliseconds: 1 };
  await expect(hasty.decode('slow.dng', dngFile(mosaic), one)).rejects.toThrow(
    /slow\.dng.*maxMilliseconds/,
  );
  await hasty.close();
});

test('what is no RAW file is refused', async () => {
  for (const bytes of [[], [0], [0x49, 0x49, 42, 0, 8, 0, 0, 0], new Array(5000).fill(65)])
    expect(await refusal(Uint8Array.from(bytes))).toBeInstanceOf(InputError);
});
