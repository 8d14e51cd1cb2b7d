import { expect, test } from 'vitest';
import { bytesOf } from './testing/files.js';
import { crc32 } from './zip.js';

test('the check values of the catalogue of CRCs', () => {
  expect(crc32(bytesOf('123456789'))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
  expect(crc32(bytesOf('a'))).toBe(0xe8b7be43);
  expect(crc32(new Uint8Array(32))).toBe(0x190a55ad);
});

test('every single changed bit is seen', () => {
  const bytes = bytesOf('a storage of seventeen');
  const whole = crc32(bytes);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const changed = Uint8Array.from(bytes);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect(crc32(changed)).not.toBe(whole);
  }
});
