import { createHash } from 'node:crypto';

/** SHA-256 of bytes, or of a text in UTF-8, in hexadecimal digits. */
export function sha256Of(content: NodeJS.ArrayBufferView | string): string {
  return createHash('sha256').update(content).digest('hex');
}
