import { expect, test } from 'vitest';
import { borderOption, number, positive, threadsOption, whole } from './options.js';

test('numbers are read as they are written', () => {
  expect(number.parse('1.5')).toBe(1.5);
  expect(number.parse(' -2e3 ')).toBe(-2000);
  expect(whole(0).parse('0')).toBe(0);
  expect(positive.parse(7)).toBe(7);
  expect(positive.optional().parse(undefined)).toBeUndefined();
});

test.each(['', ' ', 'abc', 'NaN', 'Infinity', '1,5', '1 2'])('%j is no number', (text) => {
  expect(number.safeParse(text).success).toBe(false);
});

test.each([
  [whole(2), '1'],
  [positive, '0'],
  [positive, '1.5'],
  [positive, '9007199254740993'],
  [borderOption, '1000000'],
  [threadsOption, '1025'],
] as const)('bounds hold: %#', (option, text) => {
  expect(option.safeParse(text).success).toBe(false);
});
