import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256Of } from './digest.js';
import {
  BeyondBytes,
  inputChunks,
  NotAFile,
  openInput,
  readInput,
  readWeights,
  whyUnreadable,
} from './input-file.js';
import { specialFiles } from './testing/special-files.js';
import { temporaryFolder } from './testing/temporary-folder.js';

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
  expect(whyUnreadable(await failure(parts.next()))).toMatch(/the file grew while it was read/);
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

const weightsFolder = await temporaryFolder();
const file = join(weightsFolder, 'weights.bin');
await writeFile(file, 'abc');

test.each([
  [
    'a file that is missing',
    () => readFile(join(weightsFolder, 'none')),
    'file',
    'the file does not exist',
  ],
  ['a file in a file', () => readFile(join(file, 'none')), 'file', 'the file does not exist'],
  [
    'a folder for a file',
    () => readFile(weightsFolder),
    'file',
    'this is a folder, expected a file',
  ],
  [
    'a folder that is missing',
    () => readdir(join(weightsFolder, 'none')),
    'folder',
    'the folder does not exist',
  ],
  ['a file for a folder', () => readdir(file), 'folder', 'this is not a folder'],
] as const)('%s is told in words', async (_, read, what, expected) => {
  const cause = await (read() as Promise<unknown>).catch((error: unknown) => error);
  expect(whyUnreadable(cause, what)).toBe(expected);
});

test('what the system forbids is told, and anything else in its own words', () => {
  const denied = Object.assign(new Error('open'), { code: 'EACCES' });
  expect(whyUnreadable(denied)).toBe('the file cannot be read: permission denied');
  expect(whyUnreadable(denied, 'folder')).toBe('the folder cannot be read: permission denied');
  expect(whyUnreadable(new Error('EIO: i/o error'))).toBe(
    'the file cannot be read (EIO: i/o error)',
  );
});

test('files of weights are read, or missed as models', async () => {
  expect(Buffer.from(await readWeights(file)).toString()).toBe('abc');
  await expect(readWeights(join(weightsFolder, 'none.bin'))).rejects.toMatchObject({
    kind: 'model',
    code: 'file-not-found',
    details: { subject: join(weightsFolder, 'none.bin'), systemCode: 'ENOENT' },
  });
});

// FIPS 180-2, example B.1.
test('the SHA-256 of bytes is that of their text', () => {
  const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(sha256Of('abc')).toBe(digest);
  expect(sha256Of(Uint8Array.of(97, 98, 99))).toBe(digest);
});

test.runIf(process.platform === 'linux')('a name that is not UTF-8 is told to be one', async () => {
  const name = Buffer.concat([Buffer.from(`${weightsFolder}/caf`), Buffer.of(0xe9)]);
  await writeFile(name, 'abc');
  const listed = (await readdir(weightsFolder)).find((one) => one.startsWith('caf'))!;
  await expect(readWeights(join(weightsFolder, listed))).rejects.toThrow(
    /caf\ufffd: the file does not exist, or its name is not UTF-8: give it another name$/,
  );
});
