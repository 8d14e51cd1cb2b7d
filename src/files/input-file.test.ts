import { appendFile, mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BeyondBytes, inputChunks, NotAFile, openInput, readInput } from './input-file.js';
import { specialFiles } from './testing/special-files.js';
import { temporaryFolder } from './testing/temporary-folder.js';
import { whyUnreadable } from './unreadable.js';

const folder = await temporaryFolder();
const path = (name: string): string => join(folder, name);

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error) => error,
  );
}

test('a regular file is read whole, by its name and by a link to it', async () => {
  await writeFile(path('own'), 'content');
  await symlink(path('own'), path('link'));
  for (const name of ['own', 'link'])
    expect(Buffer.from(await readInput(path(name), 7)).toString()).toBe('content');
});

test.each(Object.entries(specialFiles))(
  '%s is refused at once, whoever waits for it',
  async (what, make) => {
    const place = path(what);
    await make(place);
    const error = await failure(readInput(place, 100));
    expect(error).toBeInstanceOf(NotAFile);
    expect(whyUnreadable(error)).toMatch(/^this is a (pipe|device), expected a file$/);
    expect(await failure(readInput(place, 100, { followLinks: false }))).toBeInstanceOf(Error);
  },
);

test('folders and sockets are told by what they are', async () => {
  await mkdir(path('folder'));
  expect(whyUnreadable(await failure(openInput(path('folder'))))).toMatch(/is a folder/);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path('socket'), resolve));
  expect(whyUnreadable(await failure(openInput(path('socket'))))).toMatch(/is a socket/);
  await new Promise((resolve) => server.close(resolve));
});

test('a link is not followed where it must not be', async () => {
  await writeFile(path('target'), 'secret');
  await symlink(path('target'), path('planted'));
  const error = await failure(readInput(path('planted'), 100, { followLinks: false }));
  expect(whyUnreadable(error)).toMatch(/is a link/);
});

test('a file beyond the limit is refused by its size, before it is read', async () => {
  await writeFile(path('sparse'), '');
  await truncate(path('sparse'), 2 ** 40);
  const error = await failure(readInput(path('sparse'), 100));
  expect(error).toMatchObject({ size: 2 ** 40 });
  expect(await failure(readInput(path('sparse'), 2 ** 50))).toBeInstanceOf(BeyondBytes);
});

test.runIf(process.platform === 'linux')(
  'a file that says it is empty is read up to the limit',
  async () => {
    expect((await readInput('/proc/self/status', 2 ** 20)).length).toBeGreaterThan(100);
    expect(await failure(readInput('/proc/self/status', 100))).toBeInstanceOf(BeyondBytes);
  },
);

test('what is added after a file was opened counts against the limit', async () => {
  await writeFile(path('growing'), 'four');
  const file = await openInput(path('growing'));
  await appendFile(path('growing'), ' more');
  expect((await file.bytes(9)).length).toBe(9);
  expect(await failure(file.bytes(8))).toBeInstanceOf(BeyondBytes);
  await file.close();
});

test('a file that grows while it is read in parts has an end', async () => {
  await writeFile(path('log'), 'first');
  const parts = inputChunks(path('log'));
  expect(Buffer.from((await parts.next()).value!).toString()).toBe('first');
  await appendFile(path('log'), 'second');
  expect(whyUnreadable(await failure(parts.next()))).toMatch(/it grew while it was read/);
});

test('reading in parts stops at the limit and at a signal', async () => {
  await writeFile(path('large'), new Uint8Array(3 * 2 ** 20));
  const error = await failure(inputChunks(path('large'), { maxBytes: 2 ** 20 }).next());
  expect(error).toBeInstanceOf(BeyondBytes);
  const stop = new AbortController();
  const parts = inputChunks(path('large'), { signal: stop.signal });
  await parts.next();
  stop.abort(new Error('stopped'));
  expect(await failure(parts.next())).toBe(stop.signal.reason);
});

test.runIf(process.platform === 'linux')(
  'the name of an open file is that of its bytes, whatever takes its place',
  async () => {
    await writeFile(path('first'), 'what was opened');
    const file = await openInput(path('first'));
    await writeFile(path('second'), 'what came after');
    await rm(path('first'));
    await rename(path('second'), path('first'));
    const bytes = await readInput(file.descriptorPath!, 100);
    expect(Buffer.from(bytes).toString()).toBe('what was opened');
    await file.close();
  },
);
