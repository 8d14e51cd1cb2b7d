import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OutputError } from '../tensor/errors.js';
import { takeLock } from './lock-file.js';
import { temporaryFolder } from './testing/temporary-folder.js';

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
