import { expect, test } from 'vitest';
import { z } from 'zod';
import { bytesOption, parseOptions } from './options.js';

const options = z.object({ memory: bytesOption.optional() });
const parsed = (memory: string) => parseOptions(options, { memory }).memory;

test.each([
  ['2GiB', 2 ** 31],
  ['1.5 gib', 1.5 * 2 ** 30],
  ['500MB', 5e8],
  ['64kib', 65536],
  ['1073741824', 2 ** 30],
  ['12b', 12],
])('%s is %i bytes', (text, bytes) => {
  expect(parsed(text)).toBe(bytes);
});

test.each(['', 'much', '2 GiB please', '-1GiB', '0', '3XB', 'GiB'])('%j is refused', (text) => {
  expect(() => parsed(text)).toThrow('--memory: expected a size such as 2GiB');
});
