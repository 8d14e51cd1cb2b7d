import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { InputError } from '../utils/errors.js';
import { indicesOfNames, readNameList } from './list-folder.js';

async function listOf(text: string): Promise<string> {
  const file = join(await temporaryFolder(), 'list.txt');
  await writeFile(file, text);
  return file;
}

test('a name stands on each line; comments and empty lines are left out', async () => {
  expect(await readNameList(await listOf('# photographs\na.jpg\r\n\n  sub/b.png \n'))).toEqual([
    'a.jpg',
    'sub/b.png',
  ]);
});

test.each([
  ['# nothing\n', 'names nothing'],
  ['a.jpg\nb.jpg\na.jpg\n', 'names a.jpg twice'],
])('the list %j is refused', async (text, message) => {
  const read = readNameList(await listOf(text));
  await expect(read).rejects.toThrow(InputError);
  await expect(read).rejects.toThrow(message);
});

test('a list that is not there is refused by its name', async () => {
  await expect(readNameList('/nowhere/list.txt')).rejects.toThrow('/nowhere/list.txt');
});

const items = ['000', '001', 'deep/002', '003.jpg'].map((name) => ({ name }));
const of = { file: 'list.txt', folder: 'photographs' };

test('names fit with and without extension, and stand in the order of the data set', () => {
  expect(indicesOfNames(items, ['deep/002.png', '000', '003.jpg'], of)).toEqual([0, 2, 3]);
});

test('names that the data set lacks are told with its folder', () => {
  const find = () => indicesOfNames(items, ['000.jpg', '9.jpg', '8.jpg'], of);
  expect(find).toThrow(InputError);
  expect(find).toThrow('list.txt: names 9.jpg and 1 more, which photographs does not have');
});
