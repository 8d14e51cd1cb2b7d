import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OutputError } from '../tensor/errors.js';
import { whyUnwritable } from './write-atomic.js';

/**
 * Makes a folder and the folders that it lies in. Unlike that of Node it ends where a file system
 * says of a folder both that it is not there and that it cannot be made, as /proc does.
 * @returns whether it was not there before.
 * @throws OutputError that names the folder and the reason.
 */
export async function makeFolder(folder: string): Promise<boolean> {
  try {
    return await make(folder);
  } catch (cause) {
    throw new OutputError(folder, `cannot be made: ${whyUnwritable(cause)}`, { cause });
  }
}

async function make(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(folder) !== folder) {
      // Where the parent was there, the file system means something else than its absence.
      if (!(await make(dirname(folder)))) throw error;
      await mkdir(folder);
      return true;
    }
    // Some systems forbid to make what is there.
    const entry = await stat(folder).catch(() => undefined);
    if (entry?.isDirectory()) return false;
    throw error;
  }
}
