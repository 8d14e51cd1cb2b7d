import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testEngine } from '../engine/testing/runners.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { writeTestImage } from '../images/testing/image-files.js';
import { tinyPack } from '../models/testing/tiny-pack.js';
import type { LimitError } from '../utils/errors.js';
import { restoreFile } from './restore.js';

const folder = await temporaryFolder();
const engine = testEngine();

test('memory that has no room for the image itself is enough where it can lie on the disk', async () => {
  const pack = await tinyPack(await temporaryFolder());
  const [input, wide, narrow] = ['in.png', 'wide.png', 'narrow.png'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await writeTestImage(input, 120, 90);
  const restore = (output: string, memory?: number) =>
    restoreFile(input, output, { pack, engine, memory, tile: 256 });
  await restore(wide);
  const refused: LimitError = await restore(narrow, 1).then(
    () => expect.fail('a byte was enough'),
    (error) => error,
  );
  const [, needed] = /at least (\d+) bytes/.exec(refused.details.expected!)!;
  await restore(narrow, Number(needed));
  expect((await readFile(narrow)).equals(await readFile(wide))).toBe(true);
  await expect(restore(narrow, Number(needed) - 1)).rejects.toThrow(/^memory: /);
});
