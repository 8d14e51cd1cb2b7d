import { randomBytes } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OutputError } from '../utils/errors.js';
import { readInputText } from './input-file.js';
import {
  hiddenName,
  OWN_FILE,
  removeLeftovers,
  unwritable,
  writeFailure,
  writeFileAtomic,
} from './write-atomic.js';

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** When the process started: tells it from a later process with the same id. */
  readonly started: string;
  /** Distinguishes two locks of one process. */
  readonly token: string;
}

/** A lock held against other processes until it is released. */
export interface FileLock {
  release(): Promise<void>;
}

/** The lock, or who holds it. */
export type LockAttempt = { readonly lock: FileLock } | { readonly holder: LockHolder };

/**
 * Tries to take the lock file at this path for this process. A lock whose process is gone is
 * replaced; a lock of another machine is always respected.
 * @throws OutputError where the file cannot be written.
 */
export async function takeLock(path: string): Promise<LockAttempt> {
  const own = JSON.stringify(await thisProcess());
  const lock = { release: () => rm(path, { force: true }) };
  for (;;) {
    if (await createLock(path, own)) return { lock };
    const text = await readLock(path);
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (holder !== undefined && (await isAlive(holder))) return { holder };
    if (await replaceLock(path, own)) return { lock };
  }
}

async function createLock(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new OutputError(path, 'cannot be written', writeFailure(cause));
  }
}

/**
 * Replaces a stale lock. Of several processes that do so at once the last one holds it, which all of
 * them see a moment later.
 */
async function replaceLock(path: string, text: string): Promise<boolean> {
  await writeFileAtomic(path, new TextEncoder().encode(text), OWN_FILE);
  await delay(200);
  return (await readLockText(path).catch(() => '')) === text;
}

/** The lock's text; `undefined` where it is gone. A lock that is just being written is read again. */
async function readLock(path: string): Promise<string | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    const text = await readLockText(path).catch((cause) =>
      // A link or pipe in its place names no holder.
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : '',
    );
    if (text === undefined || parseHolder(text) !== undefined || attempt === 5) return text;
    await delay(50);
  }
}

function readLockText(path: string): Promise<string> {
  return readInputText(path, 2 ** 16, { followLinks: false });
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    const { pid, host, started, token } = JSON.parse(text);
    if (Number.isInteger(pid) && pid > 0) return { pid, host, started, token };
  } catch {
    // A truncated lock names no holder.
  }
  return undefined;
}

async function thisProcess(): Promise<LockHolder> {
  const { pid } = process;
  const started = (await startOf(pid)) ?? '';
  return { pid, host: hostname(), started, token: randomBytes(8).toString('hex') };
}

async function isAlive({ pid, host, started }: LockHolder): Promise<boolean> {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const start = await startOf(pid);
  return start === undefined || start === started;
}

/** When a process started, as the system reports it; `undefined` where it does not. */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the program's name in brackets and may hold spaces.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

/**
 * Tries to lock a file that is about to be written, by a hidden file beside it, and removes temporary
 * files that killed writers left. Devices and pipes, which cannot be replaced, are not locked.
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
