import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ModelError } from '../tensor/errors.js';
import { readWeights } from './read-weights.js';
import { sha256Of } from './sha256.js';
import { temporaryFolder } from './testing/temporary-folder.js';
import { whyUnreadable } from './unreadable.js';

const folder = await temporaryFolder();
const file = join(folder, 'weights.bin');
await writeFile(file, 'abc');

test.each([
  [
    'a file that is missing',
    () => readFile(join(folder, 'none')),
    'file',
    'the file does not exist',
  ],
  ['a file in a file', () => readFile(join(file, 'none')), 'file', 'the file does not exist'],
  ['a folder for a file', () => readFile(folder), 'file', 'this is a folder, expected a file'],
  [
    'a folder that is missing',
    () => readdir(join(folder, 'none')),
    'folder',
    'the folder does not exist',
  ],
  ['a file for a folder', () => readdir(file), 'folder', 'this is no folder'],
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
  await expect(readWeights(join(folder, 'none.bin'))).rejects.toThrow(
    new ModelError(join(folder, 'none.bin'), 'the file does not exist'),
  );
});

// FIPS 180-2, example B.1.
test('the SHA-256 of bytes is that of their text', () => {
  const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(sha256Of('abc')).toBe(digest);
  expect(sha256Of(Uint8Array.of(97, 98, 99))).toBe(digest);
});

test.runIf(process.platform === 'linux')('a name that is not UTF-8 is told to be one', async () => {
  const name = Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.of(0xe9)]);
  await writeFile(name, 'abc');
  const listed = (await readdir(folder)).find((one) => one.startsWith('caf'))!;
  await expect(readWeights(join(folder, listed))).rejects.toThrow(
    /caf\ufffd: the file does not exist, or its name is not UTF-8: give it another name$/,
  );
});
