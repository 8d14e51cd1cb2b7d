import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { runModels } from '../../testing/run-models.js';

const folder = await temporaryFolder();
const file = join(folder, 'downloaded.bin');
// As PyTorch's files begin.
const content = 'PK\u0003\u0004hts that somebody fetched';
await writeFile(file, content);

test('a file is stored under the name that it was published with', async () => {
  const store = join(folder, 'store');
  const argv = ['pull', 'rrdb-psnr-x4', '--from', file, '--store', store];
  const { code, results } = await runModels(...argv, '--json');
  expect(code).toBe(0);
  const path = join(store, 'RRDB_PSNR_x4.pth');
  expect(results[0]).toMatchObject({
    name: 'rrdb-psnr-x4',
    path,
    how: 'copied',
    bytes: 29,
    licence: 'Apache-2.0',
    checked: [],
  });
  expect(await readFile(path, 'utf8')).toBe(content);
  const again = await runModels(...argv);
  expect(again.stdout).toMatch(
    /^rrdb-psnr-x4: .*29 B, was stored already, nobody published a hash of it; licence Apache-2.0\n$/,
  );
});

test.each<[string, string[], number, string]>([
  [
    'a file of another size',
    ['swinir-light-x4', '--from', file],
    3,
    'has 29 bytes, expected 17225941',
  ],
  ['a file of another hash', ['topiq-nr-koniq', '--from', file], 3, 'its sha256-prefix is'],
  [
    'a model that people fetch',
    ['nafnet-gopro-32'],
    3,
    'megvii-research/NAFNet/blob/main/docs/GoPro.md',
  ],
  ['a name that is not known', ['nafnet'], 3, 'did you mean nafnet-gopro-32'],
  [
    'one file for two models',
    ['esrgan-x4', 'rrdb-psnr-x4', '--from', file],
    2,
    'one model at a time',
  ],
  ['no name', [], 2, "missing required argument 'name'"],
])('%s is refused', async (_, words, expected, message) => {
  const store = join(folder, 'refused');
  const { code, stderr } = await runModels('pull', ...words, '--store', store);
  expect(code).toBe(expected);
  expect(stderr).toContain(message);
  expect(await readdir(store).catch(() => [])).toEqual([]);
});

test('of several models, those that can be had are not held up by the others', async () => {
  const store = join(folder, 'several');
  await runModels('pull', 'rrdb-psnr-x4', '--from', file, '--store', store);
  const names = ['esrgan-x4', 'rrdb-psnr-x4'];
  const { code, stdout, stderr } = await runModels('pull', ...names, '--store', store);
  expect(code).toBe(3);
  expect(stderr).toContain('esrgan-x4: is offered only at');
  expect(stdout).toMatch(/^rrdb-psnr-x4: /);
});
