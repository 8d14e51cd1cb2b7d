import { join } from 'node:path';
import { type FileLock, takeLock } from '../../files/lock-file.js';
import { OutputError } from '../../tensor/errors.js';

export const LOCK_FILE = 'run.lock';

/**
 * Takes a run's folder for this process. A lock whose process is gone counts for nothing.
 * @throws OutputError where another process holds the folder, or the lock cannot be written.
 */
export async function lockRun(folder: string): Promise<FileLock> {
  const attempt = await takeLock(join(folder, LOCK_FILE));
  if ('lock' in attempt) return attempt.lock;
  const { pid, host } = attempt.holder;
  const what = `process ${pid} on ${host} trains here already`;
  throw new OutputError(folder, `${what}; where it is gone for sure, remove ${LOCK_FILE}`);
}
