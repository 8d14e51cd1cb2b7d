import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { writeTestImage, writeText } from '../../datasets/testing/files.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { runCommands } from '../testing/run-commands.js';
import { command } from './data.js';

const run = (...argv: string[]) => runCommands([command], ['data', ...argv]);

let photographs: string;
let degradation: string;
beforeAll(async () => {
  photographs = await temporaryFolder();
  await writeTestImage(join(photographs, 'a.png'), { width: 64, height: 72 });
  degradation = await writeText(join(photographs, 'd.json'), '{"kind":"bicubic","scale":2}');
});

const newFolder = async () => join(await temporaryFolder(), 'made');

test('a test set is made and passes the check with exit code 0', async () => {
  const folder = await newFolder();
  const from = ['-i', photographs, '-o', folder, '--degradation', degradation];
  const made = await run('make', ...from, '--count', '2', '--size', '32', '--bits', '8');
  expect(made).toMatchObject({ code: 0 });
  expect(made.stdout).toBe(`${folder}: 2 examples, pairs, scale 2\n`);
  const { code, stdout } = await run('check', folder);
  expect({ code, lines: stdout.trimEnd().split('\n') }).toEqual({
    code: 0,
    lines: [`${folder}: pairs, scale 2`, '  2 items, 2 inputs, 2 targets', '  no problems'],
  });
});

test('bursts are made and checked, with JSON for programs', async () => {
  const folder = await newFolder();
  const from = ['-i', photographs, '-o', folder, '--degradation', 'burst'];
  const made = await run('make', ...from, '--frames', '2', '--seed', '7', '--json');
  expect(JSON.parse(made.stdout)).toEqual({
    ...{ folder, layout: 'synthetic-burst', count: 1, scale: 4 },
  });
  const { code, stdout } = await run('check', folder, '--full', '--json');
  expect({ code, result: JSON.parse(stdout) }).toEqual({
    code: 0,
    result: {
      ...{ folder, layout: 'synthetic-burst', task: 'burst', scale: 4 },
      ...{ items: 1, inputs: 2, targets: 1, metadata: 1, problemCount: 0, problems: [] },
    },
  });
});

test('problems exit with 1; ten are named and the others counted', async () => {
  const folder = await temporaryFolder();
  for (let at = 0; at < 12; at++) await writeText(join(folder, `input/${at}.png`), 'x');
  for (let at = 0; at < 12; at++) await writeTestImage(join(folder, `target/${at}.png`));
  await rm(join(folder, 'input/0.png'));
  await writeText(join(folder, 'input/9\u001b[2J.png'), 'x');
  const { code, stdout } = await run('check', folder);
  expect(code).toBe(1);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(14);
  expect(lines[2]).toBe('  13 problems');
  expect(lines[3]).toBe('  input/1.png: this is no PNG, JPEG, WebP, TIFF or AVIF image');
  expect(lines.at(-1)).toBe('  and 3 more');
  const all = await run('check', folder, '--json');
  expect(JSON.parse(all.stdout).problems).toHaveLength(10);
});

test('names cannot steer a terminal', async () => {
  const folder = await temporaryFolder();
  await writeText(join(folder, 'a\u001b[2J\n.png'), 'x');
  const { code, stdout } = await run('check', folder);
  expect(code).toBe(1);
  expect(stdout).toContain('  a\\u001b[2J\\n.png: this is no');
  expect(stdout).not.toContain('\u001b');
});

test('a wrong command line exits with 2 and writes nothing', async () => {
  const folder = await newFolder();
  const from = ['-i', photographs, '-o', folder];
  for (const wrong of [
    ['check'],
    ['check', photographs, '--layout', 'coco'],
    ['check', photographs, '--split', 'night'],
    ['make', ...from],
    ['make', ...from, '--degradation', join(photographs, 'none.json')],
    ['make', ...from, '--degradation', join(photographs, 'a.png')],
    ['make', ...from, '--degradation', degradation, '--bits', '12'],
    ['make', ...from, '--degradation', degradation, '--count', '1.5'],
    ['make', ...from, '--degradation', degradation, '--layout', 'synthetic-burst'],
  ])
    expect([wrong, (await run(...wrong)).code]).toEqual([wrong, 2]);
  await expect(readdir(folder)).rejects.toThrow();
});

test('a folder that is none exits with 1 by its name', async () => {
  const folder = await newFolder();
  const { code, stderr } = await run('check', folder);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(folder) });
});

test('a list says which images a set is made of', async () => {
  const [folder, list] = [await newFolder(), join(await temporaryFolder(), 'list.txt')];
  const [first] = (await readdir(photographs)).filter((name) => name.endsWith('.png')).sort();
  await writeText(list, `${first}\n`);
  const asked = ['-i', photographs, '-o', folder, '--degradation', degradation, '--list', list];
  expect((await run('make', ...asked)).code).toBe(0);
  expect(await readdir(join(folder, 'target'))).toHaveLength(1);
  await writeText(list, 'nowhere.png\n');
  const { code, stderr } = await run('make', ...asked.with(3, await newFolder()));
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('nowhere.png') });
});
