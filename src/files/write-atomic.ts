import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ErrorFacts, OutputError, systemCodeOf } from '../utils/errors.js';
import { sha256Of } from './digest.js';
import { inputChunks, unreadableInput } from './input-file.js';

/** A file that is written piece by piece and gets its name only when it is complete. */
export interface AtomicFile {
  /** Bytes appended so far. */
  readonly length: number;
  /** Appends bytes. */
  append(part: Uint8Array): Promise<void>;
  /** Writes over bytes that were appended. */
  overwrite(position: number, part: Uint8Array): Promise<void>;
  /** Flushes the file to the disk and gives it its name. */
  commit(): Promise<void>;
  /** Removes the temporary file; does nothing after `commit`. */
  abandon(): Promise<void>;
}

/** How the path of a written file is resolved. */
interface AtomicOptions {
  /**
   * Whether a link is followed, and devices and pipes are written to directly; default true.
   * Otherwise the file takes the place of whatever has its name.
   */
  readonly followLinks?: boolean;
}

/** For files of this package's own, which are never meant to be links. */
export const OWN_FILE: AtomicOptions = { followLinks: false };

/**
 * Writes a file so that its name shows either the old content or all of the new: it writes a
 * temporary file in the same folder, flushes it to the disk, then renames it. A failure leaves no temporary file. Links
 * are followed; devices and pipes, which cannot be replaced, are written to directly.
 *
 * @param content one array, or several that follow one another.
 * @throws OutputError naming the path and the reason: a full disk, a missing folder, no permission.
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | readonly Uint8Array[],
  options: AtomicOptions = {},
): Promise<void> {
  const file = await openAtomicFile(path, options);
  try {
    for (const part of content instanceof Uint8Array ? [content] : content) await file.append(part);
    await file.commit();
  } finally {
    await file.abandon();
  }
}

/**
 * As `writeFileAtomic`, for content that arrives piece by piece. Every method throws OutputError;
 * call `abandon` then.
 */
export async function openAtomicFile(
  path: string,
  { followLinks = true }: AtomicOptions = {},
): Promise<AtomicFile> {
  const guarded = <Result>(work: () => Promise<Result>): Promise<Result> =>
    work().catch((cause) => {
      throw unwritable(path, cause);
    });
  return guarded(async () => {
    const target = followLinks ? await existing(path) : undefined;
    const direct = target?.replaceable === false;
    const final = target?.path ?? path;
    const written = direct ? path : temporaryFor(final);
    const file = await (target?.isPipe ? openPipe(path) : open(written, direct ? 'w' : 'wx'));
    let length = 0;
    let isOpen = true;
    const close = async (): Promise<void> => {
      if (isOpen) await file.close();
      isOpen = false;
    };
    let isLeft = !direct;
    return {
      get length() {
        return length;
      },
      append: (part) =>
        guarded(async () => {
          await writeFully(file, part);
          length += part.length;
        }),
      overwrite: (position, part) => guarded(() => writeFully(file, part, position)),
      commit: () =>
        guarded(async () => {
          if (!direct) await file.sync();
          await close();
          if (direct) return;
          await renameDurably(written, final);
          isLeft = false;
        }),
      abandon: async () => {
        await close().catch(() => undefined);
        if (isLeft) await rm(written, { force: true });
        isLeft = false;
      },
    };
  });
}

/** The error for a failed write, with the path and the reason. */
export function unwritable(path: string, cause: unknown): OutputError {
  return new OutputError(path, `cannot be written: ${whyUnwritable(cause)}`, writeFailure(cause));
}

/**
 * Removes temporary files of processes that were killed while they wrote. The caller makes sure that
 * nobody writes these files now.
 * @param paths of the files, all in one folder.
 */
export async function removeLeftovers(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const final = (await existing(path).catch(() => undefined))?.path ?? path;
    await removeTemporary(dirname(final), () => [final]);
  }
}

/**
 * As `removeLeftovers`, for files of one folder that may be many.
 * @param paths is called only where the folder has temporary files.
 */
export async function removeTemporary(
  folder: string,
  paths: () => Iterable<string>,
): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const temporary = names.filter((name) => TEMPORARY.test(name));
  if (temporary.length === 0) return;
  const ours = new Set([...paths()].map(hiddenName));
  for (const name of temporary)
    if (ours.has(name.replace(TEMPORARY, ''))) await rm(join(folder, name), { force: true });
}

/** The end of the name of a temporary file, after the hidden name of its file. */
const TEMPORARY = /(?<=^\..*\.[0-9a-f]{8})[0-9a-f]{8}\.tmp(\.\w+)?$/s;

/**
 * A name for a temporary file beside another, which `removeLeftovers` recognises.
 * @param extension for programs that choose a format by the extension.
 */
export function temporaryFor(path: string, extension = ''): string {
  return join(
    dirname(path),
    `${hiddenName(path)}${randomBytes(4).toString('hex')}.tmp${extension}`,
  );
}

/** The start of the hidden names beside a file that belong to it alone. */
export function hiddenName(path: string): string {
  const name = basename(path);
  const digest = sha256Of(name).slice(0, 8);
  // File names have at most 255 bytes: a long one must not make the temporary name too long.
  return `.${name.slice(0, 32)}.${digest}`;
}

/** Gives a file that was flushed to the disk its final name in the same folder. */
export async function renameDurably(temporary: string, path: string): Promise<void> {
  await rename(temporary, path);
  await flushFolder(dirname(path));
}

/** One call writes at most 2 GiB and may write less than asked for. */
async function writeFully(file: FileHandle, part: Uint8Array, start?: number): Promise<void> {
  let done = 0;
  while (done < part.length) {
    const count = Math.min(part.length - done, 1 << 30);
    const { bytesWritten } = await file.write(
      part,
      done,
      count,
      start === undefined ? null : start + done,
    );
    done += bytesWritten;
  }
}

/** Makes the new name survive a power cut, on systems where a folder can be flushed. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    return;
  }
}

/**
 * Opens a pipe for writing once a reader has opened it. It polls: a thread that waits in `open` could
 * not be stopped, not even by the end of the process.
 */
async function openPipe(path: string): Promise<FileHandle> {
  for (;;) {
    try {
      const reached = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
      return await open(path, 'w').finally(() => reached.close());
    } catch (error) {
      if (systemCodeOf(error) !== 'ENXIO') throw error;
      await delay(50);
    }
  }
}

async function existing(
  path: string,
): Promise<{ path: string; replaceable: boolean; isPipe: boolean } | undefined> {
  try {
    const target = await realpath(path);
    const facts = await stat(target);
    const replaceable = facts.isFile() || facts.isDirectory();
    return { path: target, replaceable, isPipe: facts.isFIFO() };
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The code and cause of an error for what could not be written. */
export function writeFailure(cause: unknown): ErrorFacts<'output'> {
  const systemCode = systemCodeOf(cause);
  return {
    ...{ code: 'file-unwritable', cause },
    ...(systemCode === undefined ? {} : { systemCode }),
  };
}

const reasons = new Map([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
  ['ENOENT', 'its folder does not exist'],
  ['ENOTDIR', 'part of its path is not a folder'],
  ['EEXIST', 'a file has this name'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENAMETOOLONG', 'its name is too long'],
  ['ELOOP', 'it is a link, or a circle of links'],
  ['EPIPE', 'its reader has closed it'],
]);

/** Why a file or folder could not be written, in words. @param error what the file system threw. */
export function whyUnwritable(error: unknown): string {
  const own = reasons.get(systemCodeOf(error) ?? '');
  return own ?? (error instanceof Error ? error.message : String(error));
}

/**
 * Copies a file so that the new name shows either the old content or all of the new.
 * @throws InputError where it cannot be read, OutputError where it cannot be written.
 */
export async function copyFileAtomic(from: string, to: string): Promise<void> {
  const file = await openAtomicFile(to);
  try {
    for await (const part of readable(inputChunks(from), from)) await file.append(part);
    await file.commit();
  } finally {
    await file.abandon();
  }
}

async function* readable(
  parts: AsyncIterable<Uint8Array>,
  from: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* parts;
  } catch (cause) {
    throw unreadableInput(from, cause);
  }
}
