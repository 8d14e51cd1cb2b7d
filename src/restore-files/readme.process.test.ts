import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { decodeImage } from '../images/decode.js';
import { writeTestImage } from '../images/testing/image-files.js';
import { requirePack } from '../models/packs.js';

const root = join(import.meta.dirname, '../..');

test('the ten lines of the README run as they are printed', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const library = readme.slice(readme.indexOf('\n## The library'));
  const code = /```ts\n(.*?)```/s.exec(library)![1]!;
  expect(code.trim().split('\n').filter(Boolean).length).toBeLessThanOrEqual(10);
  const folder = await temporaryFolder();
  await writeTestImage(join(folder, 'photo.png'), 6, 5);
  const index = pathToFileURL(join(root, 'src/index.ts')).href;
  await writeFile(join(folder, 'ten-lines.mts'), code.replaceAll("'dp-ir'", `'${index}'`));
  const loader = createRequire(import.meta.url).resolve('tsx');
  const argv = ['--import', pathToFileURL(loader).href, 'ten-lines.mts'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, argv, { cwd: folder });
  const { manifest } = await requirePack('sr4');
  expect(stdout).toBe(`[ 3, 20, 24 ] [ 1, 20, 24 ] ${manifest.sampler.steps + 1}\n`);
  expect(stderr).toMatch(/^1 0(\.\d+)?$/m);
  const { tensor } = await decodeImage(join(folder, 'restored.png'));
  expect(tensor.shape).toEqual([3, 20, 24]);
});
