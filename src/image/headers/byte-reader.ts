/** Reads up to `length` bytes from `offset`; fewer at the end. */
export type ByteReader = (offset: number, length: number) => Promise<Uint8Array>;

/** Reads from memory. */
export function bytesReader(bytes: Uint8Array): ByteReader {
  return async (offset, length) => bytes.subarray(offset, offset + length);
}
