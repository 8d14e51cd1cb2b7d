import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { ModelError } from '../../utils/errors.js';
import { hashFile } from './check-file.js';
import { pullModel, storedModel } from './pull-model.js';
import { entryOf, weights } from './testing/entries.js';

const parent = await temporaryFolder();
const bytes = weights(5000);
const from = join(parent, 'downloads.bin');
await writeFile(from, bytes);

async function pullFrom(file: string, change: Parameters<typeof entryOf>[2] = {}) {
  const folder = await temporaryFolder();
  const fetch = () => Promise.reject(new Error('the network was used'));
  const entry = entryOf(bytes, ['https://example.com/weights.pth'], change);
  const result = pullModel(entry, { folder, from: file, fetch });
  return { folder, entry, result, files: () => readdir(folder) };
}

test('a file is taken without the network, also one that only people can fetch', async () => {
  const { folder, result } = await pullFrom(from, { manual: true, addresses: [] });
  expect(await result).toMatchObject({ how: 'copied', checked: ['sha256'], bytes: 5000 });
  expect((await readFile(join(folder, 'weights.pth'))).equals(bytes)).toBe(true);
  expect(JSON.parse(await readFile(join(folder, 'weights.pth.json'), 'utf8'))).toMatchObject({
    from,
  });
});

test.each([
  ['sha256-prefix', (sha256: string) => sha256.slice(0, 8)],
  ['git-blob', (_: string, gitBlob: string) => gitBlob],
] as const)('a file is checked by its %s', async (kind, digits) => {
  const { sha256, gitBlob } = await hashFile(from);
  const good = { kind, value: digits(sha256, gitBlob), source: 'here' };
  expect((await (await pullFrom(from, { hashes: [good] })).result).checked).toEqual([kind]);
  const bad = { ...good, value: digits(gitBlob.repeat(2).slice(0, 64), sha256.slice(0, 40)) };
  const refused = await pullFrom(from, { hashes: [bad] });
  await expect(refused.result).rejects.toThrow(`its ${kind} is`);
  expect(await refused.files()).toEqual([]);
});

test('the hash of git is that of git', async () => {
  const empty = join(parent, 'empty');
  await writeFile(empty, '');
  expect((await hashFile(empty)).gitBlob).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
});

test('a model without published hashes is checked against what it was when it came', async () => {
  const zip = join(parent, 'zip');
  await writeFile(zip, Buffer.concat([Buffer.from('PK\u0003\u0004'), bytes.subarray(4)]));
  const { folder, entry, result } = await pullFrom(zip, { hashes: [], bytes: undefined } as never);
  expect((await result).checked).toEqual([]);
  const path = join(folder, 'weights.pth');
  expect(await storedModel(entry, path)).toMatchObject({ how: 'present' });
  const damaged = Uint8Array.from(bytes);
  damaged[100]! ^= 1;
  await writeFile(path, damaged);
  await expect(storedModel(entry, path)).rejects.toThrow('has changed since it was stored');
});

test.each<[string, string, RegExp]>([
  ['none', '', /the file does not exist/],
  ['cut', 'weights', /has 7 bytes, expected 5000/],
  ['page', '<!doctype html><title>Sign in</title>', /is a web page/],
])('a file that is %s is refused', async (name, text, message) => {
  const file = join(parent, name);
  if (text !== '') await writeFile(file, text);
  const { result, files } = await pullFrom(file);
  await expect(result).rejects.toThrow(ModelError);
  await expect(result).rejects.toThrow(message);
  expect(await files()).toEqual([]);
});
