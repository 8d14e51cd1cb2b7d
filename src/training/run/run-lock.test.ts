import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { OutputError } from '../../tensor/errors.js';
import { LOCK_FILE, lockRun } from './run-lock.js';

async function lockedBy(holder: object | string): Promise<string> {
  const folder = await temporaryFolder();
  const text = typeof holder === 'string' ? holder : JSON.stringify(holder);
  await writeFile(join(folder, LOCK_FILE), text);
  return folder;
}

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid!;
}

test('a folder is held until it is released, and leaves nothing behind', async () => {
  const folder = await temporaryFolder();
  const lock = await lockRun(folder);
  await expect(lockRun(folder)).rejects.toThrow(OutputError);
  await expect(lockRun(folder)).rejects.toThrow(`process ${process.pid} on ${hostname()}`);
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
  await (await lockRun(folder)).release();
});

test('the lock of a process that is gone counts for nothing', async () => {
  const folder = await lockedBy({ pid: await deadProcess(), host: hostname(), started: '1' });
  const lock = await lockRun(folder);
  expect(await readdir(folder)).toEqual([LOCK_FILE]);
  await lock.release();
});

test.runIf(process.platform === 'linux')(
  'a later process of the same number does not hold the folder',
  async () => {
    const folder = await lockedBy({ pid: process.pid, host: hostname(), started: '1' });
    await (await lockRun(folder)).release();
  },
);

test('the lock of another machine is believed', async () => {
  const folder = await lockedBy({ pid: await deadProcess(), host: 'elsewhere', started: '1' });
  await expect(lockRun(folder)).rejects.toThrow('on elsewhere trains here already');
});

test.each(['', '{"pid":', '{"pid":"7"}'])(
  'a lock cut off at %j counts for nothing',
  async (text) => {
    await (await lockRun(await lockedBy(text))).release();
  },
);

test('of many at once, one gets the folder of a process that is gone', async () => {
  const folder = await lockedBy({ pid: await deadProcess(), host: hostname(), started: '1' });
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(folder)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a folder that does not exist cannot be held', async () => {
  await expect(lockRun(join(await temporaryFolder(), 'none'))).rejects.toThrow(OutputError);
});
