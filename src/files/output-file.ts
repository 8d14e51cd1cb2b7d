import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OutputError } from '../utils/errors.js';
import { whyUnwritable, writeFailure } from './write-atomic.js';

// Systems without these flags do not have the problem that they prevent.
const { O_RDWR, O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
const SAFE = O_NONBLOCK | O_NOFOLLOW;

/**
 * Opens a file of this package's own, such as records beside results, for appending; it is created
 * where there is none. A link, pipe or device in its place is refused, not written through.
 * @throws what the file system throws, ELOOP for a link; an Error for what is not a file.
 */
export function openToAppend(path: string): Promise<FileHandle> {
  return opened(path, O_WRONLY | O_APPEND | O_CREAT | SAFE);
}

/**
 * As `openToAppend`, for an existing file, to be written at any position. A file with further hard
 * links is refused, since it may be somebody else's.
 */
export async function openToUpdate(path: string): Promise<FileHandle> {
  const file = await opened(path, O_RDWR | SAFE);
  if ((await file.stat()).nlink <= 1) return file;
  await file.close();
  throw new Error('it has further hard links');
}

/**
 * Opens a new, empty file of this package's own; it replaces whatever has its name.
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
  throw new Error('it is not a regular file');
}

/**
 * Creates a folder and its parents. Unlike Node's recursive `mkdir` it ends where a file system
 * reports a folder both as missing and as impossible to create, as /proc does.
 * @returns whether it was created.
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
      // Where the parent exists, ENOENT means something else.
      if (!(await make(dirname(folder)))) throw error;
      await mkdir(folder);
      return true;
    }
    // Some systems forbid creating a folder that exists.
    const entry = await stat(folder).catch(() => undefined);
    if (entry?.isDirectory()) return false;
    throw error;
  }
}
