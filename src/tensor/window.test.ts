import { expect, test } from 'vitest';
import { ParameterError } from '../utils/errors.js';
import { tensor } from './tensor.js';
import { copyWindow, cropped, isWithin, multipleOf, windowRows } from './window.js';

const [height, width] = [4, 5];
/** Every value says where it lies: plane, row and column. */
const image = tensor(
  [2, height, width],
  Array.from({ length: 2 * height * width }, (_, place) => {
    const row = Math.floor(place / width);
    return 100 * Math.floor(row / height) + 10 * (row % height) + (place % width);
  }),
);
const inside = { left: 1, top: 2, width: 3, height: 2 };

test('a crop has the pixels of its rectangle, plane by plane', () => {
  const part = cropped(image, inside);
  expect(part.shape).toEqual([2, 2, 3]);
  expect([...part.data]).toEqual([21, 22, 23, 31, 32, 33, 121, 122, 123, 131, 132, 133]);
});

test('a crop is a copy but for that of everything, which is the image itself', () => {
  const part = cropped(image, { ...inside, left: 0, width });
  part.data.fill(-1);
  expect(image.data).not.toContain(-1);
  expect(cropped(image, { left: 0, top: 0, width, height })).toBe(image);
});

test('windows are copied between arrays of other types', () => {
  const bytes = Uint8Array.from(image.data.subarray(0, height * width));
  const into = copyWindow(bytes, [1, height, width], inside, new Float64Array(6));
  expect([...into]).toEqual([21, 22, 23, 31, 32, 33]);
});

test('sides are multiples of a step from the top left', () => {
  expect(multipleOf(3, image)).toEqual({ left: 0, top: 0, width: 3, height: 3 });
  expect(cropped(image, multipleOf(1, image))).toBe(image);
});

test('rows of a window begin where it begins', () => {
  expect([...windowRows([2, height, width], inside)]).toEqual([11, 16, 31, 36]);
});

test.each([
  { left: -1, top: 0, width: 2, height: 2 },
  { left: 0, top: -1, width: 2, height: 2 },
  { left: 3, top: 0, width: 3, height: 2 },
  { left: 0, top: 3, width: 2, height: 2 },
  { left: 0, top: 0, width: 0, height: 2 },
  { left: 0, top: 0, width: 2, height: 0 },
  { left: 0.5, top: 0, width: 2, height: 2 },
])('$left, $top, $width x $height leaves an image of 5 x 4 pixels', (rectangle) => {
  expect(isWithin(rectangle, { width, height })).toBe(false);
  expect(() => cropped(image, rectangle)).toThrow(
    expect.objectContaining({
      name: ParameterError.name,
      details: expect.objectContaining({ subject: 'rectangle' }),
    }),
  );
});
