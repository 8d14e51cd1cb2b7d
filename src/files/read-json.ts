import { ModelError } from '../utils/errors.js';
import { MAX_JSON_BYTES } from '../utils/limits.js';
import { BeyondBytes, readInputText, unreadableModel } from './input-file.js';

/**
 * A small JSON file; `undefined` where there is none.
 * @throws ModelError where it cannot be read, is not a regular file, is too large or not JSON.
 */
export async function readJson(path: string): Promise<unknown> {
  const text = await readInputText(path, MAX_JSON_BYTES).catch((cause) => {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (cause instanceof BeyondBytes)
      throw new ModelError(path, `is larger than ${MAX_JSON_BYTES} bytes`, { cause });
    throw unreadableModel(path, cause);
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError(path, 'is not JSON', { cause });
  }
}
