import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { decodeImage } from '../../../images/decode.js';
import { shippedPacks } from '../../../models/packs.js';
import { packFolder } from '../../../models/testing/pack-folder.js';
import { RECORDS_FILE } from '../../../restore-files/batch/done-records.js';
import { burstFolder, burstPackFolder } from '../../../restore-files/testing/burst-files.js';
import { runCommands } from '../../testing/run-commands.js';
import { command } from './restore.js';

const folder = await temporaryFolder();
const results = join(folder, 'results');
const pack = await burstPackFolder(folder);
const images = await packFolder(folder);
const shots = await burstFolder(join(folder, 'shots'), 3, [6, 8]);
const frames = (await readdir(shots)).filter((name) => name.endsWith('.png')).sort();
const shipped = await shippedPacks();
beforeEach(async () => {
  await rm(results, { recursive: true, force: true });
  await mkdir(results);
});

/** `dp-ir restore` in this process; networks still run in one of their own. */
function restore(...argv: string[]) {
  return runCommands([command], ['restore', ...argv]);
}

const quick = ['--tau', '4', '--steps', '1', '--threads', '1'];

test('a burst is restored, and the command that is printed restores it again', async () => {
  const output = join(results, 'a.png');
  const { code, stdout, stderr } = await restore(
    ...['--task', 'burst', '-i', join(shots, 'frame-*.png'), '-o', output, '--model', pack],
    ...['--scale', '1', '--frames', '2', '--json', ...quick],
  );
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/frame-\*\.png: to 16x12, [\d.]+ MMAC on cpu/) as string,
  });
  const line = JSON.parse(stdout);
  expect(line).toMatchObject({
    input: [join(shots, 'frame-*.png')],
    output,
    task: 'burst',
    nfe: 2,
    burst: { used: [join(shots, 'frame-2.png'), join(shots, 'frame-1.png')], scale: 1 },
  });
  const still = { x: 0, y: 0, degrees: 0, correlation: 0, state: 'unknown' };
  expect(line.burst.different).toEqual([]);
  expect(line.burst.motions).toEqual([
    { ...still, correlation: 1, state: 'small', name: join(shots, 'frame-2.png') },
    { ...still, name: join(shots, 'frame-0.png') },
    { ...still, name: join(shots, 'frame-1.png') },
  ]);
  const written = await readFile(output);
  expect((await decodeImage(output)).bitDepth).toBe(16);
  await rm(output);
  const words = (line.command as string).split(' ').map((word) => word.replaceAll("'", ''));
  expect(words.slice(0, 2)).toEqual(['dp-ir', 'restore']);
  expect((await restore(...words.slice(2), '--quiet')).code).toBe(0);
  expect(await readFile(output)).toEqual(written);
});

test('the text tells of frames, and a pack tells the task', async () => {
  const inputs = frames.map((name) => join(shots, name));
  const asked = ['-i', ...inputs, '-o', results, '--model', pack, '--reference', '1'];
  const { code, stdout } = await restore(...asked, '--frames', '2', ...quick, '--quiet');
  expect(code).toBe(0);
  expect(await readdir(results)).toEqual([RECORDS_FILE, 'frame-0.png']);
  expect(stdout).toMatch(/frame-0\.png: 64x48 in [\d.]+ s on cpu/);
  expect(stdout).toContain('\nscale 4 from 2 frames, reference frame-1.png\n');
  expect(stdout).toContain('\nskipped as less sharp: frame-0.png\n');
  expect(stdout).toContain('\nmotion not estimated: frames too small or without detail\n');
});

const usage: [string, string[], string][] = [
  ['a reference that is no frame', ['--reference', '7'], 'reference: expected an integer from 0'],
  ['a reference of no such name', ['--reference', 'x.dng'], 'reference: expected one of frame-0'],
  ['a scale that the pack lacks', ['--scale', '8'], 'scale: expected 4 or 2 or 1'],
  ['a broken scale', ['--scale', 'half'], '--scale: expected'],
  ['no frames', ['--frames', '0'], '--frames: expected'],
];

test.each(usage)('%s exits with 2', async (_, options, message) => {
  const output = join(results, 'a.png');
  const { code, stderr } = await restore('-i', shots, '-o', output, '--model', pack, ...options);
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(message) as string,
  });
  expect(await readdir(results)).toEqual([]);
});

test('another task than that of the pack exits with 2', async () => {
  const image = join(shots, frames[0]!);
  const output = join(results, 'a.png');
  const argv = ['-i', image, '-o', output, '--model', pack, '--task', 'deblur'];
  expect(await restore(...argv)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('task: expected burst') as string,
  });
  expect(await readdir(results)).toEqual([]);
});

test.each(['--reference', '--frames', '--scale'])(
  '%s without a burst exits with 2',
  async (flag) => {
    const image = join(shots, frames[0]!);
    const argv = ['-i', image, '-o', join(results, 'a.png'), '--model', images, flag, '1'];
    const { code, stderr } = await restore(...argv);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${flag}: expected only with a burst`) as string,
    });
  },
);

test('a result never replaces a frame', async () => {
  const frame = join(shots, frames[1]!);
  const { code, stderr } = await restore('-i', shots, frame, '-o', frame, '--model', pack);
  expect(code).toBe(2);
  expect(stderr).toContain('--output: expected another file than the frames');
});

test('a burst that is missing exits with 1, one too large with 4', async () => {
  const output = join(results, 'a.png');
  const run = (...argv: string[]) => restore('-o', output, '--model', pack, ...argv);
  expect(await run('-i', join(folder, 'none'))).toMatchObject({ code: 1 });
  const large = await run('-i', shots, '--max-pixels', '3071');
  expect(large.code).toBe(4);
  expect(large.stderr).toContain('the result would have 64 x 48 pixels, the limit is 3071');
});

const lacking = ['deblur', 'burst'].filter((task) => !shipped.includes(task));

test.runIf(lacking.length > 0)(
  'a task without a pack exits with 3 and says what to do',
  async () => {
    for (const task of lacking) {
      const output = join(results, 'a.png');
      const image = join(shots, frames[0]!);
      const { code, stderr } = await restore('--task', task, '-i', image, '-o', output);
      expect(code).toBe(3);
      expect(stderr).toContain('no pack for this task comes with the package (there are: ');
      expect(stderr).toContain('--model');
    }
  },
);
