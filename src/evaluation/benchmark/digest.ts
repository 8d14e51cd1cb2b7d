import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { InputError } from '../../tensor/errors.js';

/** SHA-256 of plain data, in hexadecimal digits; the order of keys does not matter. */
export function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(ordered(value)))
    .digest('hex');
}

/**
 * SHA-256 of a file's bytes, in hexadecimal digits.
 * @throws InputError where it cannot be read.
 */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new InputError(path, missing ? 'the file does not exist' : 'the file cannot be read', {
      cause,
    });
  }
  return hash.digest('hex');
}

/** What figures are of: everything that the restored pixels and their target depend on. */
export function recordKey(content: {
  readonly method: string;
  readonly item: string;
  readonly seed: number;
}): string {
  return digestOf({ format: 1, ...content });
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, own]) => own !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, own]) => [key, ordered(own)]));
}
