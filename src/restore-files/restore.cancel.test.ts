import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { writeTestImage } from '../images/testing/image-files.js';
import { CancelledError } from '../utils/errors.js';
import { restoreFile } from './restore.js';

const folder = await temporaryFolder();

test('cancelling in the middle of a long run ends its process and leaves nothing', async () => {
  const input = join(folder, 'large.png');
  await writeTestImage(input, 330, 330);
  const results = join(folder, 'results');
  await mkdir(results);
  const abort = new AbortController();
  const restoring = restoreFile(input, join(results, 'large.png'), {
    pack: 'sr4',
    threads: 1,
    signal: abort.signal,
    onProgress: ({ phase }) => {
      if (phase !== 'starting') return;
      // A network runs by then, for seconds, and nothing can stop it but the end of its process.
      setTimeout(() => abort.abort(), 100);
    },
  });
  await expect(restoring).rejects.toThrow(CancelledError);
  expect(await readdir(results)).toEqual([]);
});
