import { existsSync } from 'node:fs';
import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OutputError } from '../tensor/errors.js';
import { lockOutput } from './output-lock.js';
import { temporaryFolder } from './testing/temporary-folder.js';
import { openAtomicFile } from './write-atomic.js';

const folder = await temporaryFolder();

test('one writer has a file, whose leftovers it removes; another file is free', async () => {
  const path = join(folder, 'a.png');
  await (await openAtomicFile(path)).append(Uint8Array.of(1));
  const first = await lockOutput(path);
  expect(await lockOutput(path)).toMatchObject({ holder: { pid: process.pid } });
  expect(await lockOutput(join(folder, 'b.png'))).toHaveProperty('lock');
  if (!('lock' in first)) throw new Error('the first attempt did not get the lock');
  await first.lock.release();
  const left = await readdir(folder);
  expect(left).toEqual([expect.stringMatching(/^\.b\.png\.[0-9a-f]{8}\.lock$/)]);
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
