import { readFile, stat } from 'node:fs/promises';
import { whyUnreadable } from '../files/unreadable.js';
import { InputError, LimitError } from '../tensor/errors.js';

/**
 * The bytes of a file.
 * @throws InputError where it cannot be read; LimitError where it is larger than `maxBytes`.
 */
export async function readBytes(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) throw new InputError(path, 'this is a folder, expected a RAW file');
    if (facts.size > maxBytes)
      throw new LimitError(
        path,
        `the file has ${facts.size} bytes, the limit is ${maxBytes}; raise \`limits.maxBytes\` to read it`,
      );
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof InputError || cause instanceof LimitError) throw cause;
    throw new InputError(path, whyUnreadable(cause), { cause });
  }
}
