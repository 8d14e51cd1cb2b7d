import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { tensor } from '../../tensor/tensor.js';
import { InputError } from '../../utils/errors.js';
import { imageFolder } from '../testing/fixtures.js';
import { madeUpByte, madeUpImage } from '../testing/images.js';
import { ImageCache, openPhotographs } from './photographs.js';

test('images come in the order of their names, once per reduction', async () => {
  const folder = await imageFolder([10, 12], [8, 16]);
  const photographs = await openPhotographs(folder, { reductions: [1, 2] });
  expect(photographs).toMatchObject({ folder, count: 4 });
  const sizes = [];
  for (let index = 0; index < 4; index += 1) {
    const { width, height } = await photographs.image(index);
    sizes.push([height, width]);
  }
  expect(sizes).toEqual([
    [10, 12],
    [8, 16],
    [5, 6],
    [4, 8],
  ]);
  expect([...(await photographs.image(1)).data]).toEqual([...madeUpImage(1, 8, 16)]);
});

test('a reduced image is the antialiased bicubic reduction, rounded', async () => {
  const photographs = await openPhotographs(await imageFolder([12, 10]), { reductions: [2] });
  const { data } = await photographs.image(0);
  for (let channel = 0; channel < 3; channel += 1) {
    const plane = Float32Array.from({ length: 120 }, (_, i) =>
      madeUpByte(0, channel, Math.floor(i / 10), i % 10),
    );
    const small = resizeBicubic(tensor([12, 10], plane), { scale: 1 / 2 });
    small.data.forEach((value, pixel) => {
      expect(data[pixel * 3 + channel]).toBe(Math.min(255, Math.max(0, Math.round(value))));
    });
  }
});

test('what does not fit in memory is decoded again, the image used longest ago first', async () => {
  const folder = await imageFolder([10, 10], [10, 10], [10, 10]);
  const photographs = await openPhotographs(folder, { cacheBytes: 2 * 300 });
  const first = await photographs.image(0);
  const second = await photographs.image(1);
  expect(await photographs.image(0)).toBe(first);
  await photographs.image(2);
  expect(await photographs.image(0)).toBe(first);
  const again = await photographs.image(1);
  expect(again).not.toBe(second);
  expect(again).toEqual(second);
});

test('an image larger than the memory allowed is given all the same', async () => {
  const photographs = await openPhotographs(await imageFolder([10, 10]), { cacheBytes: 1 });
  expect((await photographs.image(0)).width).toBe(10);
});

test('a missing, empty or imageless folder is refused by name', async () => {
  const folder = await temporaryFolder();
  await expect(openPhotographs(join(folder, 'none'))).rejects.toThrow(InputError);
  await expect(openPhotographs(folder)).rejects.toThrow(`${folder}: holds no images`);
  await writeFile(join(folder, 'notes.txt'), 'no image');
  await mkdir(join(folder, 'more'));
  await expect(openPhotographs(folder)).rejects.toThrow(InputError);
});

test('a damaged image is refused by name when it is met, and not before', async () => {
  const folder = await imageFolder([10, 10], [10, 10], [10, 10]);
  const [damaged, vanished] = [join(folder, 'image-1.png'), join(folder, 'image-2.png')];
  const bytes = await readFile(damaged);
  await writeFile(damaged, bytes.subarray(0, bytes.length - 40));
  const photographs = await openPhotographs(folder);
  await rm(vanished);
  expect((await photographs.image(0)).height).toBe(10);
  await expect(photographs.image(1)).rejects.toMatchObject({
    kind: 'input',
    details: { subject: damaged },
  });
  await expect(photographs.image(2)).rejects.toMatchObject({
    kind: 'input',
    details: { subject: vanished },
  });
});

test('parts of a reduced image are those of the whole, and in the end the whole is kept', async () => {
  const folder = await imageFolder([40, 40]);
  const photographs = await openPhotographs(folder, { reductions: [3, 2, 1] });
  for (const index of [0, 1, 2]) {
    const whole = await (await openPhotographs(folder, { reductions: [3, 2, 1] })).image(index);
    for (let time = 0; time < 12; time += 1) {
      const { width, height, part } = (await photographs.outline?.(index))!;
      expect([height, width]).toEqual([whole.height, whole.width]);
      const { image, left, top } = part(4, 3, 8);
      for (let y = 0; y < 8; y += 1) {
        const row = (from: { data: Uint8Array; width: number }, x0: number, y0: number) =>
          from.data.slice(3 * ((y0 + y) * from.width + x0), 3 * ((y0 + y) * from.width + x0 + 8));
        expect(row(image, left, top)).toEqual(row(whole, 4, 3));
      }
    }
  }
  const [first, second] = [await photographs.outline!(1), await photographs.outline!(1)];
  expect(first.part(0, 0, 8).image).toBe(second.part(4, 4, 8).image);
});

const image = (bytes: number) => ({ width: 1, height: 1, data: new Uint8Array(bytes) });

test('an image that is asked for twice at a time is made once', async () => {
  const cache = new ImageCache(100);
  let made = 0;
  const make = async () => {
    made += 1;
    return image(10);
  };
  const [first, second] = await Promise.all([cache.image('a', 1, make), cache.image('a', 1, make)]);
  expect(first).toBe(second);
  expect(await cache.image('a', 1, make)).toBe(first);
  expect(made).toBe(1);
  await cache.image('a', 2, make);
  expect(made).toBe(2);
});

test('an image that could not be made is tried again', async () => {
  const cache = new ImageCache(100);
  const broken = () => Promise.reject(new Error('damaged'));
  await expect(cache.image('a', 1, broken)).rejects.toThrow('damaged');
  expect((await cache.image('a', 1, async () => image(3))).data).toHaveLength(3);
});

test('those used last are kept', async () => {
  const cache = new ImageCache(20);
  for (const name of ['a', 'b', 'a', 'c']) await cache.image(name, 1, async () => image(10));
  expect(['a', 'b', 'c'].map((name) => cache.holds(name, 1))).toEqual([true, false, true]);
});
