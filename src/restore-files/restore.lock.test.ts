import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { temporaryFor } from '../files/write-atomic.js';
import { lockResults } from './restore.js';

test('what a killed process left of samples is removed, whatever is asked for now', async () => {
  const folder = await temporaryFolder();
  const output = join(folder, 'an image with quite a long name.tif');
  const stem = output.slice(0, -4);
  const ours = [output, `${stem}-s0.tif`, `${stem}-s17.tif`, `${stem}-uncertainty.png`];
  const others = [`${stem}-s1.png`, `${stem}-s.tif`, join(folder, 'other-s0.tif')];
  const left = others.map((path) => temporaryFor(path));
  for (const path of [...ours.map((own) => temporaryFor(own)), ...left]) await writeFile(path, '');
  const attempt = await lockResults(output, { samples: 2 });
  if (!('lock' in attempt)) throw new Error('the attempt did not get the lock');
  await attempt.lock.release();
  expect((await readdir(folder)).sort()).toEqual(
    left.map((path) => path.slice(folder.length + 1)).sort(),
  );
});

test.each([
  ['a result', `${'x'.repeat(251)}.tiff`, {}],
  ['a sample', `${'x'.repeat(250)}.tif`, { samples: 1 }],
  ['an uncertainty', `${'x'.repeat(240)}.tif`, { mean: 2 }],
])('%s whose name is too long is refused before the work', async (_, name, request) => {
  const folder = await temporaryFolder();
  await expect(lockResults(join(folder, name), request)).rejects.toThrow(
    /cannot be written: its name is too long$/,
  );
  expect(await readdir(folder)).toEqual([]);
});
