import { expect, test } from 'vitest';
import { bytesText, scaled, whole } from '../../format.js';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [6009, '6.01 kB'],
  [67_869_037, '67.9 MB'],
  [2e9, '2 GB'],
])('%i bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test('large numbers have three digits', () => {
  expect(scaled(3.7236e12)).toBe('3.72 T');
});

test('thousands are set apart', () => {
  expect(whole(11_900_199)).toBe('11,900,199');
});
