import { ModelError } from '../utils/errors.js';
import { BeyondBytes, readInputText, whyUnreadable } from './input-file.js';

const LARGEST = 2 ** 20;

/**
 * A small JSON file; `undefined` where there is none.
 * @throws ModelError where it cannot be read, is no regular file, is large or no JSON.
 */
export async function readJson(path: string): Promise<unknown> {
  const text = await readInputText(path, LARGEST).catch((cause) => {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (cause instanceof BeyondBytes)
      throw new ModelError(path, `is larger than ${LARGEST} bytes`, { cause });
    throw new ModelError(path, whyUnreadable(cause), { cause });
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError(path, 'is no JSON', { cause });
  }
}
