import { randomBytes } from 'node:crypto';
import { type FileHandle, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OutputError } from '../tensor/errors.js';

/**
 * Writes a file so that its name shows either the old content or all of the new: a temporary file
 * in the same folder, flushed to the disk, then renamed. A failure leaves no temporary file. Links
 * are followed; devices and pipes, which cannot be replaced, are written to directly.
 *
 * @param content one array, or several that follow one another.
 * @throws OutputError naming the path and the reason: a full disk, a missing folder, no permission.
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | readonly Uint8Array[],
): Promise<void> {
  const parts = content instanceof Uint8Array ? [content] : content;
  try {
    const target = await existing(path);
    if (target?.replaceable === false) await writeFile(path, parts);
    else await writeAndRename(target?.path ?? path, parts);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** The error for a failed write: it names the path and, in words, the reason. */
export function unwritable(path: string, cause: unknown): OutputError {
  return new OutputError(path, reason(cause), { cause });
}

async function writeAndRename(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const folder = dirname(path);
  // File names are bounded by 255 bytes: a long one must not make the temporary name too long.
  const stem = basename(path).slice(0, 32);
  const temporary = join(folder, `.${stem}.${randomBytes(6).toString('hex')}.tmp`);
  const file = await open(temporary, 'wx');
  try {
    try {
      for (const part of parts) await writeFully(file, part);
      await file.sync();
    } finally {
      await file.close();
    }
    await renameDurably(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Gives a file that was flushed to the disk its final name in the same folder. */
export async function renameDurably(temporary: string, path: string): Promise<void> {
  await rename(temporary, path);
  await flushFolder(dirname(path));
}

/** One call writes at most 2 GiB and may write less than asked for. */
async function writeFully(file: FileHandle, part: Uint8Array): Promise<void> {
  let position = 0;
  while (position < part.length) {
    const { bytesWritten } = await file.write(
      part,
      position,
      Math.min(part.length - position, 1 << 30),
    );
    position += bytesWritten;
  }
}

/** Makes the new name itself survive a power cut, on systems where a folder can be flushed. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    return;
  }
}

async function existing(path: string): Promise<{ path: string; replaceable: boolean } | undefined> {
  try {
    const target = await realpath(path);
    const facts = await stat(target);
    return { path: target, replaceable: facts.isFile() || facts.isDirectory() };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const reasons = new Map([
  ['ENOSPC', 'cannot be written: the disk is full'],
  ['EDQUOT', 'cannot be written: the disk quota is used up'],
  ['ENOENT', 'cannot be written: its folder does not exist'],
  ['ENOTDIR', 'cannot be written: part of its path is no folder'],
  ['EISDIR', 'cannot be written: it is a folder'],
  ['EACCES', 'cannot be written: permission denied'],
  ['EPERM', 'cannot be written: permission denied'],
  ['EROFS', 'cannot be written: the file system is read-only'],
  ['ENAMETOOLONG', 'cannot be written: its name is too long'],
]);

function reason(error: unknown): string {
  return (
    reasons.get(codeOf(error) ?? '') ??
    `cannot be written: ${error instanceof Error ? error.message : String(error)}`
  );
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
