import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { sha256Of } from './sha256.js';

test.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 10_000])(
  '%i bytes hash as Node hashes them',
  (length) => {
    const bytes = Uint8Array.from({ length }, (_, index) => 7 * index + length);
    expect(sha256Of(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  },
);
