import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeTestImage } from '../../datasets/testing/files.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { tinyPack } from '../../models/testing/tiny-pack.js';
import { runCommands } from '../testing/run-commands.js';
import { command } from './trajectory.js';

const folder = await temporaryFolder();
const input = await writeTestImage(join(folder, 'a.png'), { width: 12, height: 10 });
const pack = await tinyPack(await temporaryFolder());

const run = (...argv: string[]) =>
  runCommands([command], ['trajectory', '-i', input, '--model', pack, '--threads', '1', ...argv]);

test('a page is written and its steps are told', async () => {
  const page = join(folder, 'page.html');
  const { code, stdout } = await run('-o', page, '--tau', '8', '--steps', '2', '--crop', '1,2,16');
  expect(code).toBe(0);
  expect(stdout).toBe(
    `${page}: 2 of 2 steps, NFE 3, t = 8, 4\nshown: 16 pixels a side at 1, 2 of 48x40\n`,
  );
  expect(await readFile(page, 'utf8')).toContain('Trajectory of a.png');
});

test.each([
  [['--crop', '1,2'], '--crop'],
  [['--crop', '40,0,16'], 'part'],
  [['--shown', '1'], '--shown'],
  [['--frames', '3'], '--frames'],
  [['--tau', '400'], 'tau'],
])('%j exits with 2', async (argv, named) => {
  const { code, stderr } = await run('-o', join(folder, 'none.html'), ...argv);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(named) });
});
