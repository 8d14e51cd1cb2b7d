import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { inputChunks, unreadableInput } from './input-file.js';

/** SHA-256 of plain data, in hexadecimal digits; the order of keys does not matter. */
export function digestOf(value: unknown): string {
  return sha256Of(JSON.stringify(ordered(value)));
}

/**
 * SHA-256 of a file's bytes, in hexadecimal digits.
 * @param reading the largest file that is read, default any, and a signal to stop.
 * @throws InputError where it cannot be read or is larger; the signal's reason.
 */
export async function fileDigest(
  path: string,
  reading: {
    readonly maxBytes?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const part of inputChunks(path, reading)) hash.update(part);
  } catch (cause) {
    reading.signal?.throwIfAborted();
    throw unreadableInput(path, cause);
  }
  return hash.digest('hex');
}

/** The key of a record: everything that the restored pixels and their target depend on. */
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

/** SHA-256 of bytes, or of a text in UTF-8, in hexadecimal digits. */
export function sha256Of(content: NodeJS.ArrayBufferView | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * A text that changes when a file is written or replaced, even by one of the same size and time;
 * `undefined` where there is no file.
 */
export function fileState(path: string): Promise<string | undefined> {
  return stat(path, { bigint: true }).then(
    ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(' '),
    () => undefined,
  );
}
