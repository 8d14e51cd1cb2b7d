import { expect, test } from 'vitest';
import { InputError } from '../../utils/errors.js';
import { imageFolder } from '../testing/fixtures.js';
import { madeUpByte, madeUpImage } from '../testing/images.js';
import { copyCrop, randomCrop, reducedImage, reducedOutline, reducesInParts } from './crops.js';
import { openPhotographs, type Photographs } from './photographs.js';

const height = 19;
const width = 23;
const size = 7;

/** One made-up image, or several. */
function photographs(...sizes: readonly (readonly [number, number])[]): Photographs {
  return {
    folder: 'made up',
    count: sizes.length,
    image: async (index) => {
      const [rows, columns] = sizes[index]!;
      return { height: rows, width: columns, data: madeUpImage(index, rows, columns) };
    },
  };
}

function square(): Float32Array {
  return new Float32Array(3 * size * size);
}

async function cropAt(seed: number, step: number, sample: number): Promise<number[]> {
  const target = square();
  await randomCrop(photographs([height, width]), { seed, step, sample }, size, target);
  return [...target];
}

/** Where each of the eight symmetries finds what it puts at (y, x). */
const symmetries: readonly ((y: number, x: number) => [number, number])[] = [
  (y, x) => [y, x],
  (y, x) => [size - 1 - y, x],
  (y, x) => [y, size - 1 - x],
  (y, x) => [size - 1 - y, size - 1 - x],
  (y, x) => [x, y],
  (y, x) => [x, size - 1 - y],
  (y, x) => [size - 1 - x, y],
  (y, x) => [size - 1 - x, size - 1 - y],
];

function expected(orientation: number, top: number, left: number): number[] {
  const values: number[] = [];
  for (let channel = 0; channel < 3; channel += 1)
    for (let y = 0; y < size; y += 1)
      for (let x = 0; x < size; x += 1) {
        const [row, column] = symmetries[orientation]!(y, x);
        values.push(Math.fround(madeUpByte(0, channel, top + row, left + column) / 255));
      }
  return values;
}

test.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'orientation %i is that symmetry of the square',
  (orientation) => {
    const image = { height, width, data: madeUpImage(0, height, width) };
    const target = square();
    copyCrop(image, { top: 5, left: 9, size, orientation }, target);
    expect([...target]).toEqual(expected(orientation, 5, 9));
  },
);

test('crops lie inside the image, and reach its corners and every orientation', async () => {
  const places = new Map<string, string>();
  for (let top = 0; top <= height - size; top += 1)
    for (let left = 0; left <= width - size; left += 1)
      for (let orientation = 0; orientation < 8; orientation += 1)
        places.set(expected(orientation, top, left).join(), `${orientation} ${top} ${left}`);
  const seen = { orientation: new Set<string>(), top: new Set<number>(), left: new Set<number>() };
  for (let sample = 0; sample < 400; sample += 1) {
    const place = places.get((await cropAt(3, 1, sample)).join());
    expect(place).toBeDefined();
    const [orientation, top, left] = place!.split(' ') as [string, string, string];
    seen.orientation.add(orientation);
    seen.top.add(Number(top));
    seen.left.add(Number(left));
  }
  expect(seen.orientation.size).toBe(8);
  expect(seen.top.size).toBe(height - size + 1);
  expect(seen.left.size).toBe(width - size + 1);
});

test('a crop is a function of seed, step and sample, each of which changes it', async () => {
  const reference = await cropAt(1, 2, 3);
  expect(await cropAt(1, 2, 3)).toEqual(reference);
  expect(await cropAt(9, 2, 3)).not.toEqual(reference);
  expect(await cropAt(1, 9, 3)).not.toEqual(reference);
  expect(await cropAt(1, 2, 9)).not.toEqual(reference);
});

test('photographs that are too small are passed over', async () => {
  for (let sample = 0; sample < 20; sample += 1) {
    const target = square();
    const some = photographs([size - 1, 40], [size, size], [40, size - 1]);
    await randomCrop(some, { seed: 0, step: 1, sample }, size, target);
    const bytes = [...target].map((value) => Math.round(value * 255)).sort((a, b) => a - b);
    expect(bytes).toEqual([...madeUpImage(1, size, size)].sort((a, b) => a - b));
  }
});

test('crops larger than all photographs are refused, naming the folder', async () => {
  const folder = await imageFolder([12, 30], [30, 12]);
  const target = new Float32Array(3 * 16 * 16);
  const work = randomCrop(
    await openPhotographs(folder),
    { seed: 0, step: 1, sample: 0 },
    16,
    target,
  );
  await expect(work).rejects.toThrow(InputError);
  await expect(work).rejects.toMatchObject({
    details: { subject: folder, expected: '16x16 pixels or more' },
  });
});

const [largeHeight, largeWidth] = [83, 101];
const image = {
  height: largeHeight,
  width: largeWidth,
  data: madeUpImage(0, largeHeight, largeWidth),
};

test.each([1, 2, 4, 8])('parts of an image reduced by %i are those of the whole', (factor) => {
  expect(reducesInParts(factor)).toBe(true);
  const whole = reducedImage(image, factor);
  const outline = reducedOutline(image, factor);
  expect(outline).toMatchObject({ width: whole.width, height: whole.height });
  const size = 5;
  const [expected, found] = [0, 1].map(() => new Float32Array(3 * size * size));
  for (let top = 0; top <= whole.height - size; top += factor === 1 ? 13 : 1)
    for (let left = 0; left <= whole.width - size; left += top % 3 === 0 ? 1 : 7) {
      copyCrop(whole, { left, top, size, orientation: 0 }, expected!);
      const part = outline.part(left, top, size);
      copyCrop(part.image, { left: part.left, top: part.top, size, orientation: 0 }, found!);
      expect(found).toEqual(expected);
    }
});

test('a part costs about its own pixels', () => {
  const { image: around } = reducedOutline(image, 2).part(10, 12, 6);
  expect([around.width, around.height]).toEqual([12, 12]);
});

test('factors whose pixels lie between numbers are reduced as a whole', () => {
  expect([3, 5, 6, 7].some(reducesInParts)).toBe(false);
});
