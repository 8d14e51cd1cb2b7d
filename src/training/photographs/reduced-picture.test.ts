import { expect, test } from 'vitest';
import { madeUpPicture } from '../testing/pictures.js';
import { copyCrop } from './crops.js';
import { reducedOutline, reducedPicture, reducesInParts } from './reduced-picture.js';

const [height, width] = [83, 101];
const picture = { height, width, data: madeUpPicture(0, height, width) };

test.each([1, 2, 4, 8])('parts of a picture reduced by %i are those of the whole', (factor) => {
  expect(reducesInParts(factor)).toBe(true);
  const whole = reducedPicture(picture, factor);
  const outline = reducedOutline(picture, factor);
  expect(outline).toMatchObject({ width: whole.width, height: whole.height });
  const size = 5;
  const [expected, found] = [0, 1].map(() => new Float32Array(3 * size * size));
  for (let top = 0; top <= whole.height - size; top += factor === 1 ? 13 : 1)
    for (let left = 0; left <= whole.width - size; left += top % 3 === 0 ? 1 : 7) {
      copyCrop(whole, { left, top, size, orientation: 0 }, expected!);
      const part = outline.part(left, top, size);
      copyCrop(part.picture, { left: part.left, top: part.top, size, orientation: 0 }, found!);
      expect(found).toEqual(expected);
    }
});

test('a part costs about its own pixels', () => {
  const { picture: around } = reducedOutline(picture, 2).part(10, 12, 6);
  expect([around.width, around.height]).toEqual([12, 12]);
});

test('factors whose pixels lie between numbers are reduced as a whole', () => {
  expect([3, 5, 6, 7].some(reducesInParts)).toBe(false);
});
