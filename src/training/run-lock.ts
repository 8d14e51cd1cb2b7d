import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OutputError } from '../tensor/errors.js';

export const LOCK_FILE = 'run.lock';

/** Who holds a folder. The start time tells a process from a later one of the same number. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly started: string;
}

/** A folder held against other processes until it is released. */
export interface RunLock {
  release(): Promise<void>;
}

/**
 * Takes a run's folder for this process. A lock whose process is gone counts for nothing.
 * @throws OutputError where another process holds the folder, or the lock cannot be written.
 */
export async function lockRun(folder: string): Promise<RunLock> {
  const path = join(folder, LOCK_FILE);
  for (;;) {
    const file = await createExclusively(path);
    if (file !== undefined) return hold(file, path);
    const text = await readLock(path);
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (holder !== undefined && (await isAlive(holder)))
      throw new OutputError(folder, `process ${holder.pid} on ${holder.host} trains here already`, {
        expected: `one process per folder; where that one is gone, remove ${path}`,
      });
    await removeStale(path, text, folder);
  }
}

async function createExclusively(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw new OutputError(path, 'cannot be written', { cause });
  }
}

async function hold(file: FileHandle, path: string): Promise<RunLock> {
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    started: (await startOf(process.pid)) ?? '',
  };
  try {
    await file.writeFile(JSON.stringify(holder));
  } catch (cause) {
    await rm(path, { force: true });
    throw new OutputError(path, 'cannot be written', { cause });
  } finally {
    await file.close();
  }
  return { release: () => rm(path, { force: true }) };
}

/** The lock's text; undefined where it has gone. One just being written gets a moment. */
async function readLock(path: string): Promise<string | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined || parseHolder(text) !== undefined || attempt === 5) return text;
    await delay(50);
  }
}

/**
 * Removes a lock found stale. Another process may have replaced it meanwhile, so it is moved away
 * first and looked at again.
 */
async function removeStale(path: string, text: string, folder: string): Promise<void> {
  const moved = `${path}.${process.pid}.stale`;
  try {
    await rename(path, moved);
  } catch {
    return;
  }
  const found = await readFile(moved, 'utf8');
  if (found !== text) {
    await rename(moved, path);
    throw new OutputError(folder, 'another process has just begun to train here');
  }
  await rm(moved, { force: true });
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, host, started } = JSON.parse(text);
    if (Number.isInteger(pid) && pid > 0) return { pid, host: String(host), started };
  } catch {}
  return undefined;
}

async function isAlive({ pid, host, started }: Holder): Promise<boolean> {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const start = await startOf(pid);
  return start === undefined || start === started;
}

/** When a process started, in the system's own words; undefined where it does not tell. */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the program's name in brackets and may hold spaces.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}
