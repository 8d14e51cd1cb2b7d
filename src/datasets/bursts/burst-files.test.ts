import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { uniform32, uniformAt } from '../../tensor/random.js';
import { tensor } from '../../tensor/tensor.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import { withSubject } from '../../utils/testing/errors.js';
import { writeTestImage, writeText } from '../testing/files.js';
import {
  readBurstMetadata,
  readLinearTarget,
  readPackedFrame,
  statedMetadata,
  writeLinearTarget,
  writePackedFrame,
} from './burst-files.js';
import { decodeBurstPickle } from './pickle.js';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});

test('the planes of a frame lie where the protocol puts them', async () => {
  // Red, green, blue and alpha of one pixel.
  const stored = Uint16Array.of(300, 200, 100, 400);
  const path = join(folder, 'frame.png');
  await sharp(stored, { raw: { width: 1, height: 1, channels: 4 } })
    .toColourspace('rgb16')
    .png()
    .toFile(path);
  expect([...(await readPackedFrame(path)).data].map((value) => value * 2 ** 14)).toEqual([
    100, 200, 300, 400,
  ]);
  expect([...(await readPackedFrame(path, 1000)).data]).toEqual(
    [0.1, 0.2, 0.3, 0.4].map(Math.fround),
  );
});

test('linear colours are stored blue first, as the protocol does', async () => {
  const path = join(folder, 'truth.png');
  await sharp(Uint16Array.of(300, 200, 100), { raw: { width: 1, height: 1, channels: 3 } })
    .toColourspace('rgb16')
    .png()
    .toFile(path);
  const { shape, data } = await readLinearTarget(path);
  expect(shape).toEqual([3, 1, 1]);
  expect([...data].map((value) => value * 2 ** 14)).toEqual([100, 200, 300]);
});

test.each([65535, 2 ** 14, 1023])(
  'what is written with white at %i is read back',
  async (white) => {
    const values = (length: number) =>
      Float32Array.from({ length }, (_, at) => uniformAt(1, 2, at));
    const packed = tensor([4, 5, 7], values(140));
    const colours = tensor([3, 5, 7], values(105));
    await writePackedFrame(join(folder, 'a.png'), packed, white);
    await writeLinearTarget(join(folder, 'b.png'), colours, white);
    for (const [read, written] of [
      [await readPackedFrame(join(folder, 'a.png'), white), packed],
      [await readLinearTarget(join(folder, 'b.png'), white), colours],
    ] as const) {
      expect(read.shape).toEqual(written.shape);
      read.data.forEach((value, at) => {
        expect(Math.abs(value - written.data[at]!)).toBeLessThanOrEqual(0.5 / white + 1e-7);
      });
    }
  },
);

test('values beyond the range are clamped', async () => {
  await writePackedFrame(join(folder, 'c.png'), tensor([4, 1, 1], [-1, 0, 1, 2]), 65535);
  expect([...(await readPackedFrame(join(folder, 'c.png'), 65535)).data]).toEqual([0, 0, 1, 1]);
});

test('other images and shapes are refused', async () => {
  const eight = await writeTestImage(join(folder, '8.png'), { channels: 4 });
  const three = await writeTestImage(join(folder, '3.png'), { channels: 3, bits: 16 });
  await expect(readPackedFrame(eight)).rejects.toThrow(InputError);
  await expect(readPackedFrame(three)).rejects.toThrow(/is no packed frame/);
  await expect(readLinearTarget(eight)).rejects.toThrow(/8 bits/);
  const path = join(folder, 'd.png');
  await expect(writePackedFrame(path, tensor([3, 2, 2]), 1000)).rejects.toThrow(ParameterError);
  await expect(writeLinearTarget(path, tensor([4, 2, 2]), 1000)).rejects.toThrow(ParameterError);
  await expect(writePackedFrame(path, tensor([4, 2, 2]), 70000)).rejects.toThrow(
    withSubject('white'),
  );
});

/** Written by PyTorch: matrices of eighths and quarters, one of them transposed. */
const published = join(import.meta.dirname, '..', 'testing', 'meta_info.pkl');
beforeAll(async () => {
  folder = await temporaryFolder();
});

test('the pickle of the protocol is read, tensors and numbers alike', async () => {
  expect(await readBurstMetadata(published)).toEqual({
    camera: {
      gains: { rgb: 1.25, red: 2, blue: 1.5 },
      rgbToCamera: [0, 1, 2, 3, 4, 5, 6, 7, 8].map((value) => value / 8),
      cameraToRgb: [0, 3, 6, 1, 4, 7, 2, 5, 8].map((value) => value / 4),
    },
    noise: { shot: 0.015625, read: 0.25 },
    white: 2 ** 14,
  });
});

test('what is stated as JSON is read back', async () => {
  const metadata = { ...(await readBurstMetadata(published)), white: 65535 };
  const text = JSON.stringify(statedMetadata(metadata));
  expect(await readBurstMetadata(await writeText(join(folder, 'a.json'), text))).toEqual(metadata);
});

test('a flat matrix is one too; noise and white have defaults', async () => {
  const flat = { rgb2cam: Array(9).fill(1), cam2rgb: Array(9).fill(2) };
  const gains = { rgb_gain: 1, red_gain: 1, blue_gain: 1 };
  const path = await writeText(join(folder, 'b.json'), JSON.stringify({ ...flat, ...gains }));
  expect(await readBurstMetadata(path)).toMatchObject({
    noise: { shot: 0, read: 0 },
    white: 16384,
  });
});

test.each([
  ['{', /is not JSON/],
  ['[]', /is no metadata of a burst/],
  ['{"rgb2cam": [[1,2],[3,4]]}', /rgb2cam/],
  ['{"rgb2cam": "x"}', /rgb2cam/],
])('JSON %s is refused by the file and the entry', async (text, message) => {
  const path = await writeText(join(folder, 'wrong.json'), text);
  await expect(readBurstMetadata(path)).rejects.toThrow(message);
  await expect(readBurstMetadata(path)).rejects.toThrow(path);
});

test('a camera without tone curve, or a gain of zero, is refused', async () => {
  const stated = statedMetadata(await readBurstMetadata(published));
  for (const change of [{ smoothstep: false }, { red_gain: 0 }, { white: 1e6 }]) {
    const text = JSON.stringify({ ...stated, ...change });
    const path = await writeText(join(folder, 'c.json'), text);
    await expect(readBurstMetadata(path)).rejects.toThrow(Object.keys(change)[0]!);
  }
});

test('a file that is missing or vast is refused', async () => {
  await expect(readBurstMetadata(join(folder, 'none.json'))).rejects.toThrow(InputError);
  const vast = await writeText(join(folder, 'vast.json'), ' '.repeat(2 ** 20 + 1));
  await expect(readBurstMetadata(vast)).rejects.toThrow(/metadata at most 1048576/);
});

const pickle = (body: string) => Uint8Array.from(Buffer.from(`\x80\x04${body}.`, 'latin1'));
const text = (value: string) => `\x8c${String.fromCharCode(value.length)}${value}`;
const call = (module: string, name: string, argument: string) =>
  `${text(module)}${text(name)}\x93${argument}\x85R`;

test.each([
  [
    'a call of the system',
    call('os', 'system', text('id')),
    /names "os.system", which is not data/,
  ],
  ['a call by an older name', `cbuiltins\neval\n${text('1')}\x85R`, /builtins.eval/],
  ['another class', call('numpy', 'array', ')'), /numpy.array/],
  ['a call of text', `${text('f')})R`, /calls a value that is no function/],
  ['an object', `${text('collections')}${text('OrderedDict')}\x93)\x81`, /operation 0x81/],
  ['a state', `}${text('a')}b`, /sets the state of a value that is no dictionary/],
  ['a value from nowhere', 'R', /takes a value where there is none/],
  ['a memory of nothing', 'h\x05', /never stored/],
  ['an end without a mark', 't', /mark that is not there/],
  ['an odd entry', `}(${text('a')}u`, /key without a value/],
  ['text that is none', '\x8c\x02\xff\xfe', /no UTF-8/],
  ['more than there is', 'B\xff\xff\xff\xff', /cut off/],
  ['no dictionary', ']', /holds no dictionary/],
  [
    'numbers of another form',
    call('torch.storage', '_load_from_bytes', 'C\x04K\x05..'),
    /wrong magic number/,
  ],
])('a pickle with %s is refused', (_, body, message) => {
  expect(() => decodeBurstPickle(pickle(body), 'a.pkl')).toThrow(InputError);
  expect(() => decodeBurstPickle(pickle(body), 'a.pkl')).toThrow(message);
});

test('a list that contains itself is refused', () => {
  expect(() => decodeBurstPickle(pickle(`}(${text('a')}]\x94h\x00au`), 'a.pkl')).toThrow(
    /a.pkl: .*into itself/,
  );
});

test('a damaged pickle is an InputError or metadata, wherever it is damaged', async () => {
  const good = new Uint8Array(await readFile(published));
  let refused = 0;
  for (let length = 0; length < good.length; length++)
    expect(() => decodeBurstPickle(good.subarray(0, length), 'cut.pkl')).toThrow(InputError);
  for (let round = 0; round < 3000; round++) {
    const bytes = Uint8Array.from(good);
    bytes[uniform32(1, 0, round) % bytes.length] = uniform32(1, 1, round) & 255;
    try {
      decodeBurstPickle(bytes, 'changed.pkl');
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(500);
});
