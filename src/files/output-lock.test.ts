import { existsSync } from 'node:fs';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OutputError } from '../tensor/errors.js';
import { lockOutput } from './output-lock.js';
import { temporaryFolder } from './testing/temporary-folder.js';
import { hiddenName, openAtomicFile } from './write-atomic.js';

const folder = await temporaryFolder();

test('one writer has a file, whose leftovers it removes; another file is free', async () => {
  const path = join(folder, 'a.png');
  await (await openAtomicFile(path)).append(Uint8Array.of(1));
  const first = await lockOutput(path);
  expect(await lockOutput(path)).toMatchObject({ holder: { pid: process.pid } });
  expect(await lockOutput(join(folder, 'b.png'))).toHaveProperty('lock');
  if (!('lock' in first)) throw new Error('the first attempt did not get the lock');
  await first.lock.release();
  const left = (await readdir(folder)).filter((name) => name.endsWith('.lock'));
  expect(left).toEqual([expect.stringMatching(/^\.b\.png\.[0-9a-f]{8}\.lock$/)]);
});

test('a lock is never written through a link that somebody has planted', async () => {
  const path = join(folder, 'planted.png');
  const target = join(folder, 'target');
  await writeFile(target, 'theirs');
  await symlink(target, join(folder, `${hiddenName(path)}.lock`));
  const attempt = await lockOutput(path);
  if (!('lock' in attempt)) throw new Error('the attempt did not get the lock');
  await attempt.lock.release();
  expect(await readFile(target, 'utf8')).toBe('theirs');
});

test('a folder that is missing is named with the file', async () => {
  const path = join(folder, 'none', 'a.png');
  await expect(lockOutput(path)).rejects.toThrow(OutputError);
  await expect(lockOutput(path)).rejects.toThrow(
    'a.png: cannot be written: its folder does not exist',
  );
});

test.skipIf(!existsSync('/dev/null'))('a device is not locked', async () => {
  const path = join(folder, 'null.png');
  await symlink('/dev/null', path);
  expect(await lockOutput(path)).toHaveProperty('lock');
  expect(await lockOutput(path)).toHaveProperty('lock');
});
