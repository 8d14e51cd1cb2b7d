import { rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileState } from './digest.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const folder = await temporaryFolder();

test('the state of a file stays while it does, and changes with content of the same size and time', async () => {
  const path = join(folder, 'a');
  expect(await fileState(path)).toBeUndefined();
  await writeFile(path, 'one');
  const first = await fileState(path);
  expect(await fileState(path)).toBe(first);

  const { atime, mtime } = await stat(path);
  await writeFile(path, 'two');
  await utimes(path, atime, mtime);
  const second = await fileState(path);
  expect(second).not.toBe(first);

  await writeFile(join(folder, 'b'), 'two');
  await utimes(join(folder, 'b'), atime, mtime);
  await rename(join(folder, 'b'), path);
  expect(await fileState(path)).not.toBe(second);
});
