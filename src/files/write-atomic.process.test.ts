import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OutputError } from '../utils/errors.js';
import { temporaryFolder } from './testing/temporary-folder.js';
import { openAtomicFile, removeLeftovers, temporaryFor, writeFileAtomic } from './write-atomic.js';

const bytes = (text: string) => new TextEncoder().encode(text);

test('writes new files and replaces old ones, leaving nothing else behind', async () => {
  const path = join(await temporaryFolder(), 'a.bin');
  await writeFileAtomic(path, bytes('first'));
  await writeFileAtomic(path, [bytes('sec'), bytes(''), bytes('ond')]);
  expect(await readFile(path, 'utf8')).toBe('second');
  expect(await readdir(join(path, '..'))).toEqual(['a.bin']);
});

test('a link stays a link and its target is replaced', async () => {
  const inside = await temporaryFolder();
  await writeFile(join(inside, 'real'), 'old');
  await symlink('real', join(inside, 'link'));
  await writeFileAtomic(join(inside, 'link'), bytes('new'));
  expect(await readlink(join(inside, 'link'))).toBe('real');
  expect(await readFile(join(inside, 'real'), 'utf8')).toBe('new');
});

test('a long name fits', async () => {
  const path = join(await temporaryFolder(), 'x'.repeat(255));
  await writeFileAtomic(path, bytes('content'));
  expect(await readFile(path, 'utf8')).toBe('content');
});

test('a missing folder is named and not created', async () => {
  const path = join(await temporaryFolder(), 'missing', 'a.bin');
  const writing = writeFileAtomic(path, bytes('x'));
  await expect(writing).rejects.toThrow(OutputError);
  await expect(writing).rejects.toThrow(/missing\/a\.bin: cannot be written: its folder/);
});

test('a failed rename leaves the target and no temporary file', async () => {
  const inside = await temporaryFolder();
  await mkdir(join(inside, 'taken'));
  await expect(writeFileAtomic(join(inside, 'taken'), bytes('x'))).rejects.toThrow(
    /it is a folder/,
  );
  expect(await readdir(inside)).toEqual(['taken']);
});

test.skipIf(!existsSync('/dev/full'))('a full disk is named, and a device survives', async () => {
  await expect(writeFileAtomic('/dev/full', bytes('x'))).rejects.toThrow(/the disk is full/);
  await writeFileAtomic('/dev/null', bytes('x'));
  expect((await readdir('/dev')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  await expect(writeFileAtomic('/dev/full', bytes('x'))).rejects.toThrow(OutputError);
});

test('what a killed writer left behind is told from the files of others', async () => {
  const inside = await temporaryFolder();
  const long = 'x'.repeat(40);
  for (const name of ['a.png', `${long}1.png`, `${long}2.png`])
    await (await openAtomicFile(join(inside, name))).append(bytes('half'));
  await writeFile(temporaryFor(join(inside, 'a.png'), '.v'), 'half');
  await writeFile(join(inside, '.a.png.mine.tmp'), 'mine');
  expect(await readdir(inside)).toHaveLength(5);
  await removeLeftovers(join(inside, 'a.png'));
  await removeLeftovers(join(inside, `${long}1.png`));
  const left = (await readdir(inside)).sort();
  expect(left).toEqual(['.a.png.mine.tmp', expect.stringMatching(/^\.x{32}\.[0-9a-f]{16}\.tmp$/)]);
  await removeLeftovers(join(inside, `${long}2.png`));
  await removeLeftovers(join(inside, 'missing', 'a.png'));
  expect(await readdir(inside)).toEqual(['.a.png.mine.tmp']);
});

test.skipIf(process.platform === 'win32')('a pipe is written once somebody reads it', async () => {
  const pipe = join(await temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const writing = writeFileAtomic(pipe, new TextEncoder().encode('content'));
  expect((await readFile(pipe)).toString()).toBe('content');
  await writing;
});

test.skipIf(process.platform === 'win32')(
  'a program that waits for somebody who reads a pipe can end',
  async () => {
    const pipe = join(await temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const module = join(import.meta.dirname, 'write-atomic.ts');
    const program = `
      import { writeFileAtomic } from ${JSON.stringify(module)};
      setTimeout(() => process.exit(7), 200);
      await writeFileAtomic(${JSON.stringify(pipe)}, new Uint8Array(1));
    `;
    const tsx = createRequire(import.meta.url).resolve('tsx');
    const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', program]);
    expect(await once(child, 'exit')).toEqual([7, null]);
  },
);
