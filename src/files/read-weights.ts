import { ModelError } from '../tensor/errors.js';
import { MOST_BYTES, readInput } from './input-file.js';
import { whyUnreadable } from './unreadable.js';

/**
 * The bytes of a file of weights, or of another file that models are made of.
 * @param maxBytes what messages call the most that is read; default 2 GiB.
 * @throws ModelError where it cannot be read, is no regular file, or is larger.
 */
export async function readWeights(path: string, maxBytes = MOST_BYTES): Promise<Uint8Array> {
  return readInput(path, maxBytes).catch((cause) => {
    throw new ModelError(path, whyUnreadable(cause), { cause });
  });
}
