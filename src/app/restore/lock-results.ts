import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type LockAttempt, lockOutput } from '../../files/lock-file.js';
import { removeTemporary, unwritable } from '../../files/write-atomic.js';
import { everyResultPath, listPaths, resultPaths, type SampleRequest } from './samples/samples.js';

/**
 * Tries to take the files of a result against other processes, and removes what killed writers of
 * them left, also where these were to make more samples.
 * @param output the name that was asked for.
 * @throws OutputError where its folder is missing or not writable, or one of the names is too long:
 * a long restoration must not fail at its end over that.
 */
export async function lockResults(output: string, request: SampleRequest): Promise<LockAttempt> {
  for (const path of listPaths(resultPaths(output, request)))
    await lstat(path).catch((cause) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENAMETOOLONG') throw unwritable(path, cause);
    });
  const attempt = await lockOutput(output);
  if ('lock' in attempt) await removeTemporary(dirname(output), () => everyResultPath(output));
  return attempt;
}
