import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { writeTestImage } from '../../datasets/testing/files.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { tinyPack } from '../../models/testing/tiny-pack.js';
import { runCommands } from '../testing/run-commands.js';
import { runProgram } from '../testing/run-program.js';
import { command } from './evaluate.js';

let [photographs, pack] = ['', ''];
beforeAll(async () => {
  photographs = join(await temporaryFolder(), 'photographs');
  for (const name of ['a', 'b'])
    await writeTestImage(join(photographs, `${name}.png`), { width: 40, height: 32 });
  pack = await tinyPack(await temporaryFolder());
});

const newFolder = async () => join(await temporaryFolder(), 'results');

const run = (...argv: string[]) => runCommands([command], ['evaluate', ...argv]);

test('a table goes to stdout, all else to stderr, and a second run measures nothing', async () => {
  const output = await newFolder();
  const methods = ['--methods', `bicubic,restorer:${pack}@name=ir`, '--metrics', 'psnr:y:4'];
  const asked = [photographs, '-o', output, '--task', 'sr4', '--threads', '1', ...methods];
  const first = await run(...asked);
  expect(first.code).toBe(0);
  const lines = first.stdout.trimEnd().split('\n');
  expect(lines[0]).toBe('photographs, 2 images');
  expect(lines[1]).toMatch(/^method +psnr Y, border 4 \(dB\) ↑ +NFE +parameters +MACs/);
  expect(lines[2]).toMatch(/^bicubic +\d+\.\d\d \[\d+\.\d\d, \d+\.\d\d\] [ *]/);
  expect(lines[3]).toMatch(/^ir +\d+\.\d\d \[\d+\.\d\d, \d+\.\d\d\] [ *] +1 /);
  expect(first.stderr).toContain('4 images to measure');
  const second = await run(...asked, '--json', '--quiet');
  expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: '' });
  const { rows, failures } = JSON.parse(second.stdout);
  expect(failures).toEqual([]);
  expect(rows).toHaveLength(2);
  expect(rows[0].metrics['psnr luma 4 v1'].mean.toFixed(2)).toBe(
    /^bicubic +([\d.]+)/.exec(lines[2]!)![1],
  );
  expect(JSON.parse(await readFile(join(output, 'results.json'), 'utf8')).rows).toEqual(rows);
});

test('differences from a method follow the table, and as JSON', async () => {
  const output = await newFolder();
  const methods = ['--methods', `bicubic,restorer:${pack}@name=ir`, '--metrics', 'psnr'];
  const asked = [photographs, '-o', output, '--task', 'sr4', ...methods, '--quiet'];
  asked.push('--compare', 'bicubic', '--resamples', '100');
  const { stdout } = await run(...asked);
  const [, , , , , title, head, line] = stdout.trimEnd().split('\n');
  expect(title).toBe('photographs, 2 images: differences from bicubic');
  expect(head).toMatch(/^method +psnr \(dB\) ↑$/);
  expect(line).toMatch(/^ir +[+-]\d+\.\d\d \[[+-]\d+\.\d\d, [+-]\d+\.\d\d\], p \d\.\d{3}$/);
  const { comparisons } = JSON.parse((await run(...asked, '--json')).stdout);
  // Two images: 2 of 4 assignments of signs where both differ in one direction.
  expect(comparisons).toMatchObject([{ method: 'ir', against: 'bicubic', items: 2 }]);
  expect(comparisons[0].p).toBeGreaterThanOrEqual(0.5);
});

test('the command of a row measures the same figures alone', async () => {
  const output = await newFolder();
  const methods = `bicubic,pack:${pack}@name=dp@steps=2`;
  const asked = ['--task', 'sr4', '--methods', methods, '--metrics', 'psnr', '--seeds', '1-2'];
  const all = await run(photographs, '-o', output, ...asked, '--json', '--quiet');
  const row = JSON.parse(all.stdout).rows[1];
  expect(row.command).toMatch(/--seeds 1,2 .*--device cpu$/);
  const words = row.command.replace(/^dp-ir evaluate /, '').split(' ');
  const alone = await run(...words, '--json', '--quiet');
  const [again] = JSON.parse(alone.stdout).rows;
  const { seconds: _first, ...expected } = row;
  const { seconds: _second, command: own, ...received } = again;
  expect({ ...received, command: row.command }).toEqual(expected);
  expect(own).toContain(row.command.replace(/^.* --task/, '--task'));
});

test('an image that fails is named, the others are measured, and the exit code is 1', async () => {
  const folder = join(await temporaryFolder(), 'some');
  await mkdir(folder);
  await copyFile(join(photographs, 'a.png'), join(folder, 'a.png'));
  await writeFile(join(folder, 'b.png'), 'no image');
  const asked = ['--task', 'sr4', '--methods', 'bicubic', '--metrics', 'psnr', '--quiet'];
  const { code, stdout, stderr } = await run(folder, '-o', await newFolder(), ...asked);
  expect(code).toBe(1);
  expect(stdout).toMatch(/bicubic .* 1 of 2\n$/);
  expect(stderr).toContain('warning: some, b, bicubic, seed 0: ');
});

test('weights that are not here exit with 3 where they were asked for', async () => {
  const asked = ['--task', 'sr4', '--methods', 'bicubic', '--store', await temporaryFolder()];
  const output = await newFolder();
  const named = await run(
    photographs,
    '-o',
    output,
    ...asked,
    '--metrics',
    'psnr,lpips',
    '--quiet',
  );
  expect(named.code).toBe(3);
  expect(named.stderr).toMatch(/^warning: lpips-alex is skipped: .*dp-ir models pull lpips-alex/);
  expect(named.stdout).toMatch(/bicubic +\d+\.\d\d/);
});

const usage: [string, string[], string][] = [
  ['an unknown method', ['--methods', 'magic'], '--methods: expected'],
  ['no method and no task', [], '--methods: expected'],
  ['images without a task', ['--methods', 'bicubic'], 'Give --task sr4'],
  ['an unknown metric', ['--methods', 'bicubic', '--metrics', 'beauty'], 'metrics: expected'],
  [
    'a method to compare with that is none',
    ['--methods', 'bicubic', '--compare', 'x'],
    '--compare',
  ],
  ['seeds that fall', ['--methods', 'bicubic', '--seeds', '4-0'], '--seeds: expected'],
  ['a degradation that is none', ['--degradation', '{"kind":'], '--degradation: expected'],
  ['no process', ['--methods', 'bicubic', '--parallel', '0'], '--parallel: expected'],
];

test.each(usage)('%s exits with 2', async (_, asked, message) => {
  const output = await newFolder();
  const needed = message.startsWith('--degradation') ? ['--methods', 'bicubic'] : [];
  const { code, stderr } = await run(photographs, '-o', output, ...needed, ...asked);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  await expect(readdir(output)).rejects.toThrow();
});

test('a pack that is missing exits with 3, a folder that is missing with 1', async () => {
  const output = await newFolder();
  const asked = ['--task', 'sr4', '--metrics', 'psnr', '--methods'];
  const none = await run(photographs, '-o', output, ...asked, 'pack:no-such-pack');
  expect(none).toMatchObject({ code: 3, stderr: expect.stringContaining('is no pack') });
  const nowhere = await run(join(output, 'x'), '-o', output, ...asked, 'bicubic');
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('does not exist') });
});

test('an interrupt exits with 130 and the next run goes on', async () => {
  const output = await newFolder();
  const methods = `bicubic,pack:${pack}@tau=50@steps=50`;
  const asked = [photographs, '-o', output, '--task', 'sr4', '--metrics', 'psnr', '--threads', '1'];
  asked.push('--methods', methods, '--seeds', '0-999');
  let interrupted = false;
  const { code, stdout, stderr } = await runProgram('main.ts', ['evaluate', ...asked], (child) => {
    if (interrupted) return;
    const poll = setInterval(async () => {
      const records = await readFile(join(output, 'records.jsonl'), 'utf8').catch(() => '');
      if (!records.includes('\n')) return;
      clearInterval(poll);
      child.kill('SIGINT');
    }, 50);
    interrupted = true;
  });
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toContain('was cancelled');
  const again = [photographs, '-o', output, '--task', 'sr4', '--metrics', 'psnr'];
  const next = await run(...again, '--methods', 'bicubic');
  expect(next.stderr).toContain('1 measured already');
});
