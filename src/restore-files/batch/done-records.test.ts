import { appendFile, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { DoneRecords, RECORDS_FILE } from './done-records.js';

const folder = await temporaryFolder();
const found = async (records: DoneRecords, key: string) =>
  (await records.find(key)).map(({ files }) => files.map(({ name }) => name));

test('a result is found by its key as long as its files are those that were written', async () => {
  const [first, second] = [new DoneRecords(folder), new DoneRecords(folder)];
  await writeFile(join(folder, 'a.png'), 'one');
  await writeFile(join(folder, 'a-s0.png'), 'two');
  expect(await found(first, 'key')).toEqual([]);
  await first.add('key', ['a.png', 'a-s0.png']);
  expect(await found(second, 'key')).toEqual([['a.png', 'a-s0.png']]);
  expect(await found(second, 'other')).toEqual([]);
  await writeFile(join(folder, 'b.png'), 'one');
  await second.add('key', ['b.png']);
  expect(await found(first, 'key')).toEqual([['b.png'], ['a.png', 'a-s0.png']]);
  await writeFile(join(folder, 'a-s0.png'), 'tow');
  expect(await found(first, 'key')).toEqual([['b.png']]);
  await rm(join(folder, 'b.png'));
  expect(await found(first, 'key')).toEqual([]);
});

test('a line that was cut off swallows nothing', async () => {
  const path = join(folder, RECORDS_FILE);
  await writeFile(join(folder, 'c.png'), 'three');
  await appendFile(path, '\n{"format":1,"key":"c","fil');
  const records = new DoneRecords(folder);
  await records.add('c', ['c.png']);
  expect(await found(records, 'c')).toEqual([['c.png']]);
  await writeFile(path, (await readFile(path, 'utf8')).split('\n').slice(0, 2).join('\n'));
  expect(await found(records, 'c')).toEqual([]);
});

test('records are never added through a link that somebody has planted', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.png'), 'a');
  await writeFile(join(folder, 'target'), 'theirs');
  await symlink(join(folder, 'target'), join(folder, RECORDS_FILE));
  await expect(new DoneRecords(folder).add('key', ['a.png'])).rejects.toMatchObject({
    kind: 'output',
    details: { subject: join(folder, RECORDS_FILE) },
  });
  expect(await readFile(join(folder, 'target'), 'utf8')).toBe('theirs');
});
