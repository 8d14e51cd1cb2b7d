import { expect, test } from 'vitest';
import { compareNames, isImageName, stem } from './list-folder.js';

test('frames are ordered by their numbers', () => {
  const names = ['f10', 'f9', 'f1', 'f010', 'e11', 'f', 'f9b', 'f9a2', 'f9a10'];
  expect(names.sort(compareNames)).toEqual([
    ...['e11', 'f', 'f1', 'f9', 'f9a2', 'f9a10', 'f9b', 'f010', 'f10'],
  ]);
});

test('numbers beyond exact arithmetic keep their order', () => {
  const [small, large] = ['9007199254740993', '9007199254740994'];
  expect(compareNames(`a${large}`, `a${small}`)).toBeGreaterThan(0);
  expect(compareNames('a10000000000000000000000', 'a9999999999999999999999')).toBeGreaterThan(0);
});

test('the order is one of a sort: antisymmetric, and zero for equal names alone', () => {
  const names = ['', '0', '00', 'a', 'a0', 'a00', 'A', 'ä', '1a', '01a', 'a1b2', 'a1b10'];
  for (const left of names)
    for (const right of names) {
      expect(Math.sign(compareNames(left, right))).toBe(-Math.sign(compareNames(right, left)) + 0);
      expect(compareNames(left, right) === 0).toBe(left === right);
    }
});

test('images are told by their extension in either case, hidden files left out', () => {
  expect(['a.PNG', 'b.jpeg', 'c.tif', 'd.avif'].every(isImageName)).toBe(true);
  expect(['._a.png', '.png', 'notes.txt', 'png', 'a.png.tmp'].some(isImageName)).toBe(false);
  expect(stem('scene.1/a.b.PNG')).toBe('scene.1/a.b');
});
