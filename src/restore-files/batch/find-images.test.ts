import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { InputError } from '../../utils/errors.js';
import { findImages, findPresent } from './find-inputs.js';

const folder = await temporaryFolder();
for (const name of [
  ...['a2.png', 'a10.jpg', 'notes.txt', '.hidden.png', 'in/b.webp', 'in/deep/c.tif'],
  ...['out/a2.png', 'empty/notes.txt'],
]) {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), '');
}
await symlink(folder, join(folder, 'in', 'round'));

const names = async (...call: Parameters<typeof findImages>) =>
  (await findImages(...call)).map(({ name }) => name);

test('a folder stands for its images, or with its subfolders for theirs as well', async () => {
  expect(await findImages([folder])).toEqual([
    { input: join(folder, 'a2.png'), name: 'a2.png' },
    { input: join(folder, 'a10.jpg'), name: 'a10.jpg' },
  ]);
  const all = ['a2.png', 'a10.jpg', 'in/b.webp', 'in/deep/c.tif'];
  expect(await names([folder], { recursive: true })).toEqual([...all, 'out/a2.png']);
  const options = { recursive: true, exclude: join(folder, 'out') };
  expect(await names([folder], options)).toEqual(all);
});

test('patterns match below their fixed part, with any number of folders for **', async () => {
  expect(await names([join(folder, '**/*.tif')])).toEqual(['in/deep/c.tif']);
  expect(await names([join(folder, '*/*')])).toEqual(['in/b.webp', 'out/a2.png']);
  expect(await names([join(folder, 'in/**/?.*')])).toEqual(['b.webp', 'deep/c.tif']);
  expect(await names([join(folder, 'a?.png')], { exclude: folder })).toEqual(['a2.png']);
});

test('files keep their names, count once, and may be missing', async () => {
  const file = join(folder, 'in', 'b.webp');
  const missing = join(folder, 'none.png');
  expect(await names([file, join(folder, 'in'), missing])).toEqual(['b.webp', 'none.png']);
  expect((await findPresent([file, missing])).map(({ name }) => name)).toEqual(['b.webp']);
});

test.each([
  ['empty', 'the folder has no images'],
  ['*.avif', 'no image matches'],
  ['none/*.png', 'no image matches'],
])('%s is refused', async (name, message) => {
  const call = findImages([join(folder, name)]);
  await expect(call).rejects.toThrow(InputError);
  await expect(call).rejects.toThrow(message);
  expect(await findPresent([join(folder, name)])).toEqual([]);
});
