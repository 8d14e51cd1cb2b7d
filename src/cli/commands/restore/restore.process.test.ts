import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { testRunner } from '../../../engine/testing/runners.js';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { decodeImage } from '../../../images/decode.js';
import { quantise } from '../../../images/raster.js';
import { writeRichImage, writeTestImage } from '../../../images/testing/image-files.js';
import { loadPack } from '../../../models/packs.js';
import { packFolder } from '../../../models/testing/pack-folder.js';
import { restoreImage } from '../../../restoration/index.js';
import { RECORDS_FILE } from '../../../restore-files/batch/done-records.js';
import type { Tensor } from '../../../tensor/tensor.js';
import { runCommands } from '../../testing/run-commands.js';
import { runProgram } from '../../testing/run-program.js';
import { command } from './restore.js';

const folder = await temporaryFolder();
const results = join(folder, "it's the results");
const pack = await packFolder(folder);
const plain = join(folder, 'plain.png');
await writeTestImage(plain, 12, 9);
const rich = join(folder, 'rich.png');
await writeRichImage(rich, 31, 33);
beforeEach(async () => {
  await rm(results, { recursive: true, force: true });
  await mkdir(results);
});

/** `dp-ir restore` in this process; networks still run in one of their own. */
function restore(...argv: string[]) {
  return runCommands([command], ['restore', ...argv]);
}

const runner = await testRunner();

async function expected(input: string, settings: object): Promise<Tensor> {
  const { tensor } = await decodeImage(input);
  const { image } = await restoreImage(tensor, await loadPack(pack), runner, settings);
  return image;
}

test('an image is restored, and the command that --json gives restores it again', async () => {
  const output = join(results, 'a b.png');
  const asked = ['-i', plain, '-o', output, '--model', pack, '--tau', '6', '--eta', '0.25'];
  const { code, stdout, stderr } = await runProgram('main.ts', [
    'restore',
    ...asked,
    ...['--seed', '11', '--threads', '2', '--json'],
  ]);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(
      /^\S+plain\.png: to 48x36, [\d.]+ MMAC on cpu, 2 threads\n(\S+: about \S+ s in all\n)?$/,
    ) as string,
  });
  const line = JSON.parse(stdout) as { command: string };
  expect(stdout).toBe(`${JSON.stringify(line)}\n`);
  const settings = { tau: 6, steps: 2, sampler: 'ddim', eta: 0.25 };
  expect(line).toMatchObject({ input: plain, output, width: 48, height: 36, nfe: 3, settings });

  const image = await expected(plain, { tau: 6, eta: 0.25, seed: 11 });
  const written = await readFile(output);
  const decoded = await decodeImage(output);
  expect(decoded.bitDepth).toBe(8);
  expect(quantise([decoded.tensor], 8)).toEqual(quantise([image], 8));

  await rm(output);
  const main = join(import.meta.dirname, '../../main.ts');
  const program = `'${process.execPath}' --import tsx '${main}'`;
  const again = line.command.replace(/^dp-ir/, () => `${program} --quiet`);
  await promisify(execFile)('sh', ['-c', again]);
  expect(await readFile(output)).toEqual(written);
});

test('images go into a folder; one that fails does not stop the others', async () => {
  const missing = join(folder, 'missing.png');
  const { code, stdout, stderr } = await restore(
    ...['-i', rich, missing, plain, '-o', results, '--model', pack],
    ...['--tile', '124', '--report-tiling', '--quiet', '--threads', '1'],
  );
  expect(code).toBe(1);
  expect((await readdir(results)).sort()).toEqual([RECORDS_FILE, 'plain.png', 'rich.png']);
  expect(stderr).toBe(`error: ${missing}: the file does not exist\n`);
  expect(stdout.match(/^tiled against whole: largest difference 0\.0000, /gm)).toHaveLength(2);
  expect(stdout).toMatch(/rich\.png: 124x132 in [\d.]+ s on cpu \(1 thread\), tau 5, 2 steps/);
  const { bitDepth, alpha, tensor } = await decodeImage(join(results, 'rich.png'));
  expect(bitDepth).toBe(16);
  expect(alpha?.shape).toEqual([1, 132, 124]);
  expect(quantise([tensor], 16)).toEqual(quantise([await expected(rich, {})], 16));
});

const usage: [string, string[], string][] = [
  ['an unknown option', ['--stepps', '3'], "unknown option '--stepps'"],
  ['a number that is none', ['--steps', 'many'], '--steps: expected'],
  ['a broken number', ['--seed', '1.5'], '--seed: expected'],
  ['another start', ['--start', 'late'], '--start: expected'],
  ['a task of the future', ['--task', 'colourise'], '--task: expected'],
  ['a task that the pack is not for', ['--task', 'deblur'], 'task: expected sr4, which the pack'],
  ['a tau beyond the training', ['--tau', '251'], 'tau: expected at most 250'],
  ['a tile that margins use up', ['--tile', '8'], 'tile: expected at least 124'],
];

test.each(usage)('%s exits with 2', async (_, options, message) => {
  const output = join(results, 'a.png');
  const { code, stderr } = await restore('-i', plain, '-o', output, '--model', pack, ...options);
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(message) as string,
  });
  expect(await readdir(results)).toEqual([]);
});

test('several images without a folder, or a result in place of its input, exit with 2', async () => {
  const without = await restore('-i', plain, rich, '-o', join(results, 'a.png'), '--model', pack);
  expect(without).toMatchObject({ code: 2 });
  expect(without.stderr).toContain('--output: expected an existing folder');
  const onto = await restore('-i', plain, rich, '-o', folder, '--model', pack);
  expect(onto).toMatchObject({ code: 2 });
  expect(onto.stderr).toContain('--output: expected another file than the input');
});

test('going beyond the training on request warns, also when quiet', async () => {
  const output = join(results, 'a.png');
  const { code, stdout, stderr } = await restore(
    ...['-i', plain, '-o', output, '--model', pack, '--tau', '251', '--steps', '1'],
    ...['--beyond-training', '--quiet', '--json'],
  );
  expect(code).toBe(0);
  expect(stderr).toBe('warning: tau 251 is beyond what the modules were trained for\n');
  expect(JSON.parse(stdout)).toMatchObject({
    beyondTraining: true,
    command: expect.stringContaining('--beyond-training') as string,
  });
});

test('models that are missing or damaged exit with 3', async () => {
  const output = join(results, 'a.png');
  const missing = await restore('-i', plain, '-o', output, '--model', join(folder, 'none'));
  expect(missing).toMatchObject({ code: 3 });
  expect(missing.stderr).toContain('is no pack');
  const parent = join(folder, 'spoilt');
  const damaged = await packFolder(parent);
  await writeFile(join(damaged, 'fusion.safetensors'), 'no weights');
  const spoilt = await restore('-i', plain, rich, '-o', results, '--model', damaged);
  expect(spoilt).toMatchObject({ code: 3, stdout: '' });
  expect(spoilt.stderr).toMatch(/fusion\.safetensors: is not the file that the pack names/);
  expect(await readdir(results)).toEqual([]);
});

test('a missing device exits with 3', async () => {
  const output = join(results, 'a.png');
  const argv = ['-i', plain, '-o', output, '--model', pack, '--device', 'abacus'];
  expect(await restore(...argv)).toMatchObject({ code: 3 });
});

test('a result beyond --max-pixels exits with 4', async () => {
  const argv = ['-i', plain, '-o', join(results, 'a.png'), '--model', pack];
  const { code, stderr } = await restore(...argv, '--max-pixels', '1727');
  expect(code).toBe(4);
  expect(stderr).toContain('plain.png: the result would have 48 x 36 pixels, the limit is 1727');
  expect(await readdir(results)).toEqual([]);
});

test('damaged images exit with 1', async () => {
  const cut = join(folder, 'cut.png');
  await writeFile(cut, (await readFile(rich)).subarray(0, 3000));
  const { code, stderr } = await restore('-i', cut, '-o', join(results, 'a.png'), '--model', pack);
  expect(code).toBe(1);
  expect(stderr).toContain('cut.png: the PNG data is damaged or cut off');
  expect(await readdir(results)).toEqual([]);
});

test.runIf(process.platform === 'linux')('a full disk exits with 1', async () => {
  const output = join(results, 'full.png');
  await symlink('/dev/full', output);
  const { code, stderr } = await restore('-i', plain, '-o', output, '--model', pack, '--quiet');
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `error: ${output}: cannot be written: the disk is full\n`,
  });
  expect(await readdir(results)).toEqual(['full.png']);
});

test('an interrupt exits with 130 and leaves no partial file', async () => {
  const argv = ['restore', '-i', rich, '-o', join(results, 'a.png'), '--model', pack];
  argv.push('--tau', '250', '--steps', '250', '--threads', '1');
  let interrupted = false;
  const { code, stdout, stderr } = await runProgram('main.ts', argv, (child, said) => {
    if (interrupted || !said.includes('MAC on cpu')) return;
    interrupted = true;
    child.kill('SIGINT');
  });
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toContain('was cancelled');
  expect(await readdir(results)).toEqual([]);
});
