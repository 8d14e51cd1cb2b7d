import { existsSync } from 'node:fs';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OutputError } from '../utils/errors.js';
import { lockOutput, takeLock } from './lock-file.js';
import { temporaryFolder } from './testing/temporary-folder.js';
import { hiddenName, openAtomicFile } from './write-atomic.js';

const folder = await temporaryFolder();

test('a lock tells who has it, and can be had again once released', async () => {
  const path = join(folder, 'one.lock');
  const first = await takeLock(path);
  const second = await takeLock(path);
  expect(second).toMatchObject({ holder: { pid: process.pid, host: hostname() } });
  if (!('lock' in first)) throw new Error('the first attempt did not get the lock');
  await first.lock.release();
  expect(await takeLock(path)).toHaveProperty('lock');
});

test('two locks of one process are told apart', async () => {
  const holders = await Promise.all(
    ['a.lock', 'b.lock'].map(async (name) => {
      await takeLock(join(folder, name));
      return takeLock(join(folder, name));
    }),
  );
  const [a, b] = holders.map((attempt) => 'holder' in attempt && attempt.holder.token);
  expect(a).not.toBe(b);
});

test('a lock that names nobody counts for nothing', async () => {
  const path = join(folder, 'cut.lock');
  await writeFile(path, '{"pid":');
  expect(await takeLock(path)).toHaveProperty('lock');
});

test('a lock in a folder that is missing cannot be taken', async () => {
  await expect(takeLock(join(folder, 'none', 'x.lock'))).rejects.toThrow(OutputError);
});

const outputFolder = await temporaryFolder();

test('one writer has a file, whose leftovers it removes; another file is free', async () => {
  const path = join(outputFolder, 'a.png');
  await (await openAtomicFile(path)).append(Uint8Array.of(1));
  const first = await lockOutput(path);
  expect(await lockOutput(path)).toMatchObject({ holder: { pid: process.pid } });
  expect(await lockOutput(join(outputFolder, 'b.png'))).toHaveProperty('lock');
  if (!('lock' in first)) throw new Error('the first attempt did not get the lock');
  await first.lock.release();
  const left = (await readdir(outputFolder)).filter((name) => name.endsWith('.lock'));
  expect(left).toEqual([expect.stringMatching(/^\.b\.png\.[0-9a-f]{8}\.lock$/)]);
});

test('a lock is never written through a link that somebody has planted', async () => {
  const path = join(outputFolder, 'planted.png');
  const target = join(outputFolder, 'target');
  await writeFile(target, 'theirs');
  await symlink(target, join(outputFolder, `${hiddenName(path)}.lock`));
  const attempt = await lockOutput(path);
  if (!('lock' in attempt)) throw new Error('the attempt did not get the lock');
  await attempt.lock.release();
  expect(await readFile(target, 'utf8')).toBe('theirs');
});

test('a folder that is missing is named with the file', async () => {
  const path = join(outputFolder, 'none', 'a.png');
  await expect(lockOutput(path)).rejects.toThrow(OutputError);
  await expect(lockOutput(path)).rejects.toThrow(
    'a.png: cannot be written: its folder does not exist',
  );
});

test.skipIf(!existsSync('/dev/null'))('a device is not locked', async () => {
  const path = join(outputFolder, 'null.png');
  await symlink('/dev/null', path);
  expect(await lockOutput(path)).toHaveProperty('lock');
  expect(await lockOutput(path)).toHaveProperty('lock');
});
