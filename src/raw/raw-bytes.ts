import { BeyondBytes, readInput } from '../files/input-file.js';
import { whyUnreadable } from '../files/unreadable.js';
import { InputError, LimitError } from '../tensor/errors.js';

/**
 * The bytes of a file.
 * @throws InputError where it cannot be read; LimitError where it is larger than `maxBytes`.
 */
export async function readBytes(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    return await readInput(path, maxBytes);
  } catch (cause) {
    if (cause instanceof BeyondBytes)
      throw new LimitError(
        path,
        `the file has ${cause.size} bytes, the limit is ${maxBytes}; raise \`limits.maxBytes\` to read it`,
      );
    if ((cause as NodeJS.ErrnoException).code === 'EISDIR')
      throw new InputError(path, 'this is a folder, expected a RAW file');
    throw new InputError(path, whyUnreadable(cause), { cause });
  }
}
