import { createHash } from 'node:crypto';
import { openInput, whyUnreadable } from '../../files/input-file.js';
import { CancelledError, ModelError } from '../../tensor/errors.js';

/** A file's size in bytes and its hashes in hexadecimal digits. */
export interface HashedFile {
  readonly bytes: number;
  readonly sha256: string;
  /** What git calls the file: the SHA-1 of `blob SIZE\0` and the content. */
  readonly gitBlob: string;
}

/**
 * Reads a file once, whatever its size, for all its hashes.
 * @throws ModelError where it cannot be read, CancelledError where the signal is aborted.
 */
export async function hashFile(
  path: string,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((done: number, total: number) => void) | undefined;
  } = {},
): Promise<HashedFile> {
  const { signal, onProgress } = options;
  try {
    const file = await openInput(path);
    try {
      const { size } = file;
      const sha256 = createHash('sha256');
      const gitBlob = createHash('sha1').update(`blob ${size}\0`);
      let bytes = 0;
      for await (const chunk of file.chunks(signal)) {
        sha256.update(chunk);
        gitBlob.update(chunk);
        bytes += chunk.length;
        onProgress?.(bytes, size);
      }
      return { bytes, sha256: sha256.digest('hex'), gitBlob: gitBlob.digest('hex') };
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (signal?.aborted) throw new CancelledError(`hashing ${path}`);
    throw new ModelError(path, whyUnreadable(cause), { cause });
  }
}
