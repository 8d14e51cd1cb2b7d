import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { InputError, ParameterError } from '../../tensor/errors.js';
import { uniformAt } from '../../tensor/random.js';
import { tensor } from '../../tensor/tensor.js';
import { writePicture } from '../testing/files.js';
import {
  readLinearTarget,
  readPackedFrame,
  writeLinearTarget,
  writePackedFrame,
} from './frame-files.js';

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

test('other pictures and shapes are refused', async () => {
  const eight = await writePicture(join(folder, '8.png'), { channels: 4 });
  const three = await writePicture(join(folder, '3.png'), { channels: 3, bits: 16 });
  await expect(readPackedFrame(eight)).rejects.toThrow(InputError);
  await expect(readPackedFrame(three)).rejects.toThrow(/is no packed frame/);
  await expect(readLinearTarget(eight)).rejects.toThrow(/8 bits/);
  const path = join(folder, 'd.png');
  await expect(writePackedFrame(path, tensor([3, 2, 2]), 1000)).rejects.toThrow(ParameterError);
  await expect(writeLinearTarget(path, tensor([4, 2, 2]), 1000)).rejects.toThrow(ParameterError);
  await expect(writePackedFrame(path, tensor([4, 2, 2]), 70000)).rejects.toThrow(/white/);
});
