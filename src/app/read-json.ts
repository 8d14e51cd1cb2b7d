import { readFile, stat } from 'node:fs/promises';
import { whyUnreadable } from '../files/unreadable.js';
import { ModelError } from '../tensor/errors.js';

const LARGEST = 2 ** 20;

/**
 * A small JSON file; `undefined` where there is none.
 * @throws ModelError where it cannot be read, is large or no JSON.
 */
export async function readJson(path: string): Promise<unknown> {
  const entry = await stat(path).catch(() => undefined);
  if (entry === undefined) return undefined;
  if (entry.size > LARGEST) throw new ModelError(path, `is larger than ${LARGEST} bytes`);
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new ModelError(path, whyUnreadable(cause), { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError(path, 'is no JSON', { cause });
  }
}
