import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { runCommands } from '../../testing/run-commands.js';
import { command } from './train.js';

const run = (...argv: string[]) => runCommands([command], ['train', 'report', ...argv]);

async function loggedRun(...losses: number[]): Promise<string> {
  const folder = await temporaryFolder();
  for (const [index, loss] of losses.entries()) {
    const rates = { learningRate: 1e-3, samplesPerSecond: 8, batchShare: 0.5 };
    const entry = { step: index + 1, steps: 9, loss, seconds: index, ...rates };
    await appendFile(join(folder, 'log.jsonl'), `${JSON.stringify(entry)}\n`);
  }
  return folder;
}

test('a page of several runs is written where asked for', async () => {
  const folders = [await loggedRun(3, 2), await loggedRun(4)];
  const page = join(await temporaryFolder(), 'page.html');
  expect(await run(...folders, '-o', page)).toEqual({ code: 0, stdout: `${page}\n`, stderr: '' });
  const html = await readFile(page, 'utf8');
  expect(html.match(/<section class="item run">/g)).toHaveLength(2);
  expect(html).toContain('2 of 9');
});

test('the page of a single run lies in its folder unless told otherwise', async () => {
  const folder = await loggedRun(3, 2);
  expect(await run(folder)).toMatchObject({ code: 0, stdout: `${join(folder, 'report.html')}\n` });
  expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('2 of 9');
});

test('with --json the figures come as lines', async () => {
  const { code, stdout } = await run(await loggedRun(3, 2), await loggedRun(4), '--json');
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect({ code, steps: lines.map(({ step }) => step) }).toEqual({ code: 0, steps: [2, 1] });
  expect(lines[0]).toMatchObject({ steps: 9, patchesPerSecond: 8, idleShare: 0.5, best: null });
  expect(lines[0].progress).toHaveLength(2);
});

test('a folder without a run exits with 1 by its name, none at all with 2', async () => {
  const folder = await temporaryFolder();
  const { code, stderr } = await run(folder);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(folder) });
  expect(await run()).toMatchObject({ code: 2 });
});
