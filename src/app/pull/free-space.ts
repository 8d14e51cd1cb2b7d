import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OutputError } from '../../tensor/errors.js';

/**
 * Makes sure that the disk of a file has room for more bytes; a disk that does not tell passes.
 * @throws OutputError with both figures.
 */
export async function requireSpace(path: string, bytes: number): Promise<void> {
  const disk = await statfs(dirname(path)).catch(() => undefined);
  if (disk === undefined || disk.blocks === 0) return;
  const free = disk.bavail * disk.bsize;
  if (free < bytes)
    throw new OutputError(path, `needs ${bytes} bytes, and the disk has ${free} left`, {
      expected: `${bytes} bytes of free space`,
      received: `${free} bytes`,
    });
}
