import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OutputError } from '../tensor/errors.js';
import { type LockAttempt, takeLock } from './lock-file.js';
import { hiddenName, removeLeftovers, unwritable } from './write-atomic.js';

/**
 * Tries to take a file that is going to be written against other processes that would write it, by
 * a hidden file beside it, and removes what killed writers of it left. Devices and pipes, which
 * cannot be replaced, are not locked.
 * @throws OutputError where its folder is missing or not writable, or its name is too long.
 */
export async function lockOutput(path: string): Promise<LockAttempt> {
  const target = await stat(path).catch((cause) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENAMETOOLONG') throw unwritable(path, cause);
    return undefined;
  });
  if (target !== undefined && !target.isFile()) return { lock: { release: async () => undefined } };
  const attempt = await takeLock(join(dirname(path), `${hiddenName(path)}.lock`)).catch((error) => {
    throw error instanceof OutputError ? unwritable(path, error.cause) : error;
  });
  if ('lock' in attempt) await removeLeftovers(path);
  return attempt;
}
