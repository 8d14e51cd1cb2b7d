import type { FileHandle } from 'node:fs/promises';

/** Reads up to `length` bytes from `offset`; fewer at the end. */
export type ByteReader = (offset: number, length: number) => Promise<Uint8Array>;

/** Reads from memory. */
export function bytesReader(bytes: Uint8Array): ByteReader {
  return async (offset, length) => bytes.subarray(offset, offset + length);
}

/** Reads from an open file. */
export function fileReader(file: FileHandle): ByteReader {
  return async (offset, length) => {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  };
}
