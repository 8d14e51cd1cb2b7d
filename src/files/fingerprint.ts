import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';

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
