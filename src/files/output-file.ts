import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OutputError } from '../utils/errors.js';
import { whyUnwritable, writeFailure } from './write-atomic.js';

// Systems without these flags lack what they are against.
const { O_RDWR, O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
const SAFE = O_NONBLOCK | O_NOFOLLOW;

/**
 * Opens a file that this package keeps for itself, such as records beside results, to add to its
 * end; it is made where there is none. A link, pipe or device that somebody has put in its place is
 * refused, not written through.
 * @throws what the file system throws, ELOOP for a link; an Error for what is no file.
 */
export function openToAppend(path: string): Promise<FileHandle> {
  return opened(path, O_WRONLY | O_APPEND | O_CREAT | SAFE);
}

/**
 * As `openToAppend`, for a file that is there, to be written at any place. One that goes by other
 * names as well is refused, since it may be somebody else's.
 */
export async function openToUpdate(path: string): Promise<FileHandle> {
  const file = await opened(path, O_RDWR | SAFE);
  if ((await file.stat()).nlink <= 1) return file;
  await file.close();
  throw new Error('it has other names as well');
}

/**
 * Opens a new, empty file that this package keeps for itself, in place of whatever has its name.
 * @throws what the file system throws.
 */
export async function openAnew(path: string): Promise<FileHandle> {
  await rm(path, { force: true });
  return open(path, O_RDWR | O_CREAT | O_EXCL | SAFE);
}

async function opened(path: string, flags: number): Promise<FileHandle> {
  const file = await open(path, flags);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new Error('it is no regular file');
}

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
    throw new OutputError(folder, `cannot be made: ${whyUnwritable(cause)}`, writeFailure(cause));
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
