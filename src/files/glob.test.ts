import { expect, test } from 'vitest';
import { matchesName, matchesPattern } from './glob.js';

test('patterns know * and ?', () => {
  expect(matchesName('IMG_0001.DNG', 'IMG_*.DNG')).toBe(true);
  expect(matchesName('IMG_0001.DNG', '*_?001*.D*G')).toBe(true);
  expect(matchesName('IMG_0001.DNG', '*')).toBe(true);
  expect(matchesName('IMG_0001.DNG', 'IMG_???.DNG')).toBe(false);
  expect(matchesName('IMG_0001.DNG', '*.NEF')).toBe(false);
  expect(matchesName('a+b.dng', 'a+b.*')).toBe(true);
  expect(matchesName('aab.dng', 'a+b.*')).toBe(false);
  expect(matchesName('x[1].dng', 'x[1].*')).toBe(true);
  expect(matchesName('a'.repeat(200), `${'a*'.repeat(100)}b`)).toBe(false);
});

test('** stands for any number of folders', () => {
  for (const path of ['c.tif', 'in/c.tif', 'in/deep/c.tif'])
    expect(matchesPattern(path, '**/*.tif')).toBe(true);
  expect(matchesPattern('in/c.tif', '*.tif')).toBe(false);
  expect(matchesPattern('in/deep/c.tif', 'in/**/deep/?.*')).toBe(true);
});
