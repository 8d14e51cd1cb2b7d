import { readFile } from 'node:fs/promises';
import { ModelError } from '../tensor/errors.js';
import { whyUnreadable } from './unreadable.js';

/**
 * The bytes of a file of weights, or of another file that models are made of.
 * @throws ModelError where it cannot be read.
 */
export async function readWeights(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause) => {
    throw new ModelError(path, whyUnreadable(cause), { cause });
  });
}
